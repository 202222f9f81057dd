import Bencode

/// Exchange of the info dictionary in blocks of 16 KiB (BEP 9, `ut_metadata`).
public enum MetadataMessage: Hashable, Sendable {
    case request(piece: Int)
    /// `totalSize` is the whole dictionary's size in bytes as the sender claims it.
    case data(piece: Int, totalSize: Int, bytes: [UInt8])
    case reject(piece: Int)

    /// Bytes of a block; only the last one is shorter.
    public static let blockLength = 16384
}

extension MetadataMessage {
    private static let decoder = BencodeDecoder(
        mode: .lenient, limits: .init(maximumDepth: 8, maximumNodes: 64, maximumBytes: 32768))

    /// A kind of message that we do not know comes out as unknown: BEP 9 has it ignored.
    static func decode(_ bytes: [UInt8]) throws(PeerWireError) -> ExtendedMessage {
        let id = ExtensionID.metadata.rawValue
        guard let (value, consumed) = try? decoder.decodePrefix(bytes), let dictionary = value.dictionary,
            let kind = dictionary["msg_type"]?.integer
        else { throw .malformedExtended(id: id) }
        guard (0...2).contains(kind) else { return .unknown(id: id) }
        guard let number = dictionary["piece"]?.integer, let piece = UInt32(exactly: number) else {
            throw .malformedExtended(id: id)
        }
        switch kind {
        case 0: return .metadata(.request(piece: Int(piece)))
        case 2: return .metadata(.reject(piece: Int(piece)))
        default:
            guard let size = dictionary["total_size"]?.integer, let totalSize = UInt32(exactly: size),
                (1...blockLength).contains(bytes.count - consumed)
            else { throw .malformedExtended(id: id) }
            return .metadata(.data(piece: Int(piece), totalSize: Int(totalSize), bytes: Array(bytes[consumed...])))
        }
    }

    /// The dictionary, and behind it the block of a data message.
    func encoded() -> [UInt8] {
        func dictionary(_ kind: Int64, _ piece: Int, totalSize: Int? = nil) -> [UInt8] {
            var dictionary = BencodeDictionary()
            dictionary.set("msg_type", .integer(kind))
            dictionary.set("piece", .integer(Int64(piece)))
            if let totalSize { dictionary.set("total_size", .integer(Int64(totalSize))) }
            return BencodeValue.dictionary(dictionary).encoded()
        }
        return switch self {
        case .request(let piece): dictionary(0, piece)
        case .data(let piece, let totalSize, let bytes): dictionary(1, piece, totalSize: totalSize) + bytes
        case .reject(let piece): dictionary(2, piece)
        }
    }
}
