import Bencode
import Crypto
import Metainfo

/// What is remembered of a file that is being fetched from a web server, so that it goes on after any end.
public struct DownloadRecord: Sendable, Equatable {
    /// Where it comes from, as the user said.
    public var address: String
    /// What it will be called in its folder.
    public var name: String
    /// What it is called until it is complete.
    public var partName: String
    /// Of the part file: another one of that name is not ours.
    public var inode: UInt64
    /// Bytes that are on stable storage.
    public var safeLength: Int64
    /// Bytes of the whole; nil if the server did not say.
    public var length: Int64?
    /// Strong validators that the server gave (RFC 9110 §8.8).
    public var entityTag: String?
    public var lastModified: String?

    public init(
        address: String, name: String, length: Int64? = nil, entityTag: String? = nil, lastModified: String? = nil
    ) {
        self.address = address
        self.name = name
        partName = name + ".part"
        inode = 0
        safeLength = 0
        self.length = length
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// Whether a server can be asked whether what is here is still a part of what it has.
    public var hasValidator: Bool { entityTag != nil || lastModified != nil }

    /// The name of the record: one for each address and folder.
    static func key(address: String, directory: String) -> String {
        Hexadecimal.encode(Array(SHA256.hash(data: Array("\(address)\n\(directory)".utf8))).prefix(20))
    }

    // MARK: On disk

    func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("address", .text(address))
        dictionary.set("name", .text(name))
        dictionary.set("part", .text(partName))
        dictionary.set("inode", .integer(Int64(bitPattern: inode)))
        dictionary.set("safe", .integer(safeLength))
        if let length { dictionary.set("length", .integer(length)) }
        if let entityTag { dictionary.set("etag", .text(entityTag)) }
        if let lastModified { dictionary.set("modified", .text(lastModified)) }
        var bytes: [UInt8] = []
        BencodeValue.dictionary(dictionary).encode(into: &bytes)
        return bytes
    }

    init?(decoding bytes: [UInt8]) {
        guard let top = (try? BencodeDecoder(mode: .strict).decode(bytes))?.dictionary,
            let address = top["address"]?.text,
            let name = top["name"]?.text, let part = top["part"]?.text, PathSafety.isSafe(name),
            PathSafety.isSafe(part), let inode = top["inode"]?.integer, let safe = top["safe"]?.integer, safe >= 0
        else { return nil }
        self.init(
            address: address, name: name, length: top["length"]?.integer, entityTag: top["etag"]?.text,
            lastModified: top["modified"]?.text)
        partName = part
        self.inode = UInt64(bitPattern: inode)
        safeLength = safe
    }
}
