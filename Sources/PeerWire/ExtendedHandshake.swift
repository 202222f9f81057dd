import Bencode

/// The dictionary that each side sends once, and may send again with changes (BEP 10).
///
/// Every key is optional: one that is missing, of the wrong type or out of range is nil here.
public struct ExtendedHandshake: Hashable, Sendable {
    public var ids: ExtensionIDs
    /// Where the sender accepts connections.
    public var listenPort: UInt16?
    /// Name and version of the program: at most 64 characters, control characters removed.
    public var client: String?
    /// Our own address as the sender sees it: 4 or 16 bytes. A claim; ask several networks before believing it.
    public var yourIP: [UInt8]?
    /// Requests that the sender is willing to queue.
    public var requestQueue: Int?
    /// Bytes of the info dictionary (BEP 9). A claim: bound it before allocating.
    public var metadataSize: Int?
    /// BEP 21: the sender will not request anything.
    public var uploadOnly: Bool?

    public init(
        ids: ExtensionIDs = .ours, listenPort: UInt16? = nil, client: String? = nil, yourIP: [UInt8]? = nil,
        requestQueue: Int? = nil, metadataSize: Int? = nil, uploadOnly: Bool? = nil
    ) {
        self.ids = ids
        self.listenPort = listenPort
        self.client = client
        self.yourIP = yourIP
        self.requestQueue = requestQueue
        self.metadataSize = metadataSize
        self.uploadOnly = uploadOnly
    }
}

extension ExtendedHandshake {
    private static let decoder = BencodeDecoder(
        mode: .lenient, limits: .init(maximumDepth: 16, maximumNodes: 2048, maximumBytes: 65536))

    /// Nil when the bytes are not a bencoded dictionary.
    public init?(decoding bytes: [UInt8]) {
        guard let dictionary = (try? Self.decoder.decodePrefix(bytes))?.value.dictionary else { return nil }
        let names = dictionary["m"]?.dictionary
        func id(_ name: String) -> UInt8? {
            names?[name]?.integer.flatMap { UInt8(exactly: $0) }
        }
        func positive(_ key: String) -> Int64? {
            dictionary[key]?.integer.flatMap { $0 > 0 ? $0 : nil }
        }
        self.init(
            ids: ExtensionIDs(
                metadata: id("ut_metadata"), pex: id("ut_pex"), dontHave: id("lt_donthave"),
                uploadOnly: id("upload_only")),
            listenPort: positive("p").flatMap { UInt16(exactly: $0) },
            client: dictionary["v"]?.text.flatMap(Self.cleaned),
            yourIP: dictionary["yourip"]?.bytes.flatMap { $0.count == 4 || $0.count == 16 ? $0 : nil },
            requestQueue: positive("reqq").map { Int(clamping: $0) },
            metadataSize: positive("metadata_size").map { Int(clamping: $0) },
            uploadOnly: dictionary["upload_only"]?.integer.map { $0 != 0 })
    }

    /// The bencoded dictionary. Ids that are nil are left out.
    public func encoded() -> [UInt8] {
        var names = BencodeDictionary()
        let all = [
            ("ut_metadata", ids.metadata), ("ut_pex", ids.pex), ("lt_donthave", ids.dontHave),
            ("upload_only", ids.uploadOnly),
        ]
        for case (let name, let id?) in all {
            names.set(name, .integer(Int64(id)))
        }
        var dictionary = BencodeDictionary()
        dictionary.set("m", .dictionary(names))
        if let listenPort { dictionary.set("p", .integer(Int64(listenPort))) }
        if let client { dictionary.set("v", .string(Array(client.utf8))) }
        if let yourIP { dictionary.set("yourip", .string(yourIP)) }
        if let requestQueue { dictionary.set("reqq", .integer(Int64(requestQueue))) }
        if let metadataSize { dictionary.set("metadata_size", .integer(Int64(metadataSize))) }
        if let uploadOnly { dictionary.set("upload_only", .integer(uploadOnly ? 1 : 0)) }
        return BencodeValue.dictionary(dictionary).encoded()
    }

    /// The name goes to terminals and logs, so nothing in it may steer them.
    private static func cleaned(_ name: String) -> String? {
        let scalars = name.unicodeScalars.lazy
            .filter { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
                default: true
                }
            }
            .prefix(64)
        let text = String(String.UnicodeScalarView(scalars))
        return text.isEmpty ? nil : text
    }
}
