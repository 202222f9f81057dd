extension DNSMessage {
    /// Reads a whole datagram. Bytes behind the last record are ignored.
    ///
    /// Memory stays within a small multiple of the datagram: nothing is allocated by what the header's counts say.
    public init(decoding bytes: [UInt8]) throws(DiscoveryWireError) {
        guard bytes.count <= Self.maximumLength else { throw .datagramTooLong(length: bytes.count) }
        var reader = DNSReader(bytes: bytes)
        let id = try reader.uint16()
        let flags = try reader.uint16()
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(Int(try reader.uint16())) }

        var questions: [DNSQuestion] = []
        for _ in 0..<counts[0] { questions.append(try reader.question()) }
        var sections: [[DNSRecord]] = [[], [], []]
        for section in 0..<3 {
            for _ in 0..<counts[section + 1] { sections[section].append(try reader.record()) }
        }
        self.init(
            id: id, isResponse: flags & 0x8000 != 0, isTruncated: flags & 0x0200 != 0, questions: questions,
            answers: sections[0], authorities: sections[1], additionals: sections[2])
        isPlain = flags & 0x780F == 0
    }
}

/// Reads names and numbers of one datagram, never beyond its end.
struct DNSReader {
    /// Most pointers within one name. A name has at most 127 labels.
    private static let maximumJumps = 127

    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func uint16() throws(DiscoveryWireError) -> UInt16 {
        guard bytes.count - position >= 2 else { throw .truncated(offset: position) }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func uint32() throws(DiscoveryWireError) -> UInt32 {
        let high = try uint16()
        return UInt32(high) << 16 | UInt32(try uint16())
    }

    mutating func question() throws(DiscoveryWireError) -> DNSQuestion {
        let name = try name()
        let type = RecordType(rawValue: try uint16())
        let bits = try uint16()
        return DNSQuestion(name: name, type: type, unicastReply: bits & 0x8000 != 0, recordClass: bits & 0x7FFF)
    }

    mutating func record() throws(DiscoveryWireError) -> DNSRecord {
        let name = try name()
        let type = RecordType(rawValue: try uint16())
        let bits = try uint16()
        let timeToLive = try uint32()
        let length = Int(try uint16())
        guard bytes.count - position >= length else { throw .truncated(offset: position) }
        let end = position + length
        let data = try data(type, end: end)
        position = end
        return DNSRecord(
            name: name, timeToLive: timeToLive, cacheFlush: bits & 0x8000 != 0, recordClass: bits & 0x7FFF, data: data)
    }

    /// A name, its pointers followed. A pointer must point before the place where the labels it follows began, so the
    /// way only leads backwards and ends.
    mutating func name() throws(DiscoveryWireError) -> DomainName {
        var wire: [UInt8] = []
        var at = position
        var start = position
        var end: Int?
        var jumps = 0
        while true {
            guard at < bytes.count else { throw .truncated(offset: at) }
            let length = Int(bytes[at])
            switch length {
            case 0:
                wire.append(0)
                position = end ?? at + 1
                return DomainName(validWire: wire)
            case 1...DomainName.maximumLabelLength:
                guard bytes.count - at > length else { throw .truncated(offset: at) }
                guard wire.count + length + 2 <= DomainName.maximumLength else { throw .nameTooLong }
                wire += bytes[at...(at + length)]
                at += 1 + length
            case 0xC0...:
                guard at + 1 < bytes.count else { throw .truncated(offset: at) }
                let target = (length & 0x3F) << 8 | Int(bytes[at + 1])
                jumps += 1
                guard target < start, jumps <= Self.maximumJumps else { throw .badPointer(offset: at) }
                end = end ?? at + 2
                at = target
                start = target
            default:
                throw .badLabel(offset: at)
            }
        }
    }

    // MARK: Record data

    private mutating func data(_ type: RecordType, end: Int) throws(DiscoveryWireError) -> RecordData {
        let bad = DiscoveryWireError.badRecordData(type: type.rawValue, offset: position)
        let length = end - position
        switch type {
        case .a:
            guard length == 4 else { throw bad }
            return .a(try uint32())
        case .aaaa:
            guard length == 16 else { throw bad }
            var words: [UInt64] = []
            for _ in 0..<4 { words.append(UInt64(try uint32())) }
            return .aaaa(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
        case .ptr:
            let target = try name()
            guard position == end else { throw bad }
            return .pointer(target)
        case .srv:
            guard length > 6 else { throw bad }
            let (priority, weight, port) = (try uint16(), try uint16(), try uint16())
            let target = try name()
            guard position == end else { throw bad }
            return .service(ServiceLocation(priority: priority, weight: weight, port: port, target: target))
        case .txt:
            guard let text = TextRecord(encoded: bytes[position..<end]) else { throw bad }
            return .text(text)
        case .nsec:
            // Some programs (python-zeroconf 0.47) write bitmaps that are none. The rest of what they say is good.
            guard let next = try? name(), position <= end, let types = Self.types(bytes[position..<end]) else {
                return .unknown(type, [])
            }
            return .noneBut(next: next, types: types)
        default:
            return .unknown(type, Array(bytes[position..<end]))
        }
    }

    /// The bitmap of RFC 4034 §4.1.2.
    private static func types(_ bytes: ArraySlice<UInt8>) -> [RecordType]? {
        var rest = bytes
        var types: [RecordType] = []
        var lastWindow = -1
        while let window = rest.popFirst() {
            guard let length = rest.popFirst(), (1...32).contains(length), rest.count >= Int(length),
                Int(window) > lastWindow
            else { return nil }
            lastWindow = Int(window)
            for (offset, byte) in rest.prefix(Int(length)).enumerated() where byte != 0 {
                for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 {
                    types.append(RecordType(rawValue: UInt16(window) << 8 | UInt16(offset * 8 + bit)))
                }
            }
            rest = rest.dropFirst(Int(length))
        }
        return types
    }
}
