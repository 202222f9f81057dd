import Bencode
import Metainfo

// The torrent is kept in a file of its own: it is large and hardly ever changes, the rest is small and often does.
extension ResumeRecord {
    private static let version: Int64 = 1

    func encodedState() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("clean", .integer(isClean ? 1 : 0))
        dictionary.set("directory", .text(directory))
        dictionary.set("downloaded", .integer(downloaded))
        dictionary.set("root name", .text(rootName))
        if let spillStamp { dictionary.set("spill", .string(FileStamp.encode([spillStamp]))) }
        dictionary.set("stamps", .string(FileStamp.encode(stamps)))
        dictionary.set("uploaded", .integer(uploaded))
        dictionary.set("verified", .string(verified))
        dictionary.set("version", .integer(Self.version))
        if let wanted {
            var field = Bitfield(count: torrent.info.files.count)
            for file in wanted { field.insert(file.rawValue) }
            dictionary.set("wanted", .string(field.bytes))
        }
        return BencodeValue.dictionary(dictionary).encoded()
    }

    /// Nil unless the bytes are the state of a transfer of just this torrent.
    init?(decodingState bytes: [UInt8], torrent: Torrent) {
        let files = torrent.info.files.count
        guard let value = try? BencodeDecoder(mode: .strict, limits: .file).decode(bytes),
            let dictionary = value.dictionary, dictionary["version"]?.integer == Self.version,
            let directory = dictionary["directory"]?.text, let rootName = dictionary["root name"]?.text,
            let packed = dictionary["stamps"]?.bytes, let stamps = FileStamp.decode(packed, count: files),
            let verified = dictionary["verified"]?.bytes,
            Bitfield.isValid(verified, count: torrent.info.layout.pieceCount),
            let downloaded = dictionary["downloaded"]?.integer, let uploaded = dictionary["uploaded"]?.integer,
            let clean = dictionary["clean"]?.integer
        else { return nil }
        var wanted: Set<FileIndex>?
        if let bits = dictionary["wanted"] {
            guard let bytes = bits.bytes, Bitfield.isValid(bytes, count: files) else { return nil }
            wanted = Set(Bitfield(bytes: bytes, count: files).members.map { FileIndex($0) })
        }
        let spill = dictionary["spill"]?.bytes.flatMap { FileStamp.decode($0, count: 1) }?.first ?? nil
        self.init(
            torrent: torrent, directory: directory, rootName: rootName, wanted: wanted, stamps: stamps,
            spillStamp: spill, verified: verified, downloaded: max(0, downloaded), uploaded: max(0, uploaded),
            isClean: clean == 1)
    }
}
