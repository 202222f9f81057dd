import Bencode
import Metainfo

/// What a switch has to do, written before it begins: so it can be finished whatever happens.
struct SwitchJournal: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        /// Below the directory; empty for padding.
        let path: [String]
        let mark: EntryMark

        init(path: [String], mark: EntryMark) {
            self.path = path
            self.mark = mark
        }
    }

    static let fileName = ".duplex-switch"
    private static let version: Int64 = 1
    private static let maximumLength = 512 << 20

    let hashes: InfoHashes
    let rootName: String
    /// For the names of what is kept beside.
    let date: String
    /// The files of the version before. A file without a known stamp is nobody's but the user's.
    let old: [Entry]
    /// The files of the new version, in the order of its torrent.
    let new: [Entry]

    func save(in folder: String) throws(StorageError) {
        try DurableFile.writeSealed(encoded(), to: folder + "/" + Self.fileName)
    }

    /// Nil if there is none.
    static func load(from folder: String) throws(StorageError) -> SwitchJournal? {
        guard let bytes = try DurableFile.readSealed(folder + "/" + fileName, limit: maximumLength) else { return nil }
        return SwitchJournal(decoding: bytes)
    }

    // MARK: - Format

    private func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("date", .text(date))
        dictionary.set("new", Self.encode(new))
        dictionary.set("old", Self.encode(old))
        dictionary.set("root name", .text(rootName))
        if let v1 = hashes.v1 { dictionary.set("v1", .string(v1.bytes)) }
        if let v2 = hashes.v2 { dictionary.set("v2", .string(v2.bytes)) }
        dictionary.set("version", .integer(Self.version))
        return BencodeValue.dictionary(dictionary).encoded()
    }

    private init?(decoding bytes: [UInt8]) {
        guard let value = try? BencodeDecoder(mode: .strict, limits: .file).decode(bytes),
            let dictionary = value.dictionary, dictionary["version"]?.integer == Self.version,
            let date = dictionary["date"]?.text, let rootName = dictionary["root name"]?.text,
            Self.isName(rootName), let old = Self.decode(dictionary["old"]), let new = Self.decode(dictionary["new"]),
            let hashes = InfoHashes(
                v1: dictionary["v1"]?.bytes.flatMap { InfoHashV1($0) },
                v2: dictionary["v2"]?.bytes.flatMap { InfoHashV2($0) })
        else { return nil }
        self.init(hashes: hashes, rootName: rootName, date: date, old: old, new: new)
    }

    init(hashes: InfoHashes, rootName: String, date: String, old: [Entry], new: [Entry]) {
        self.hashes = hashes
        self.rootName = rootName
        self.date = date
        self.old = old
        self.new = new
    }

    private static func encode(_ entries: [Entry]) -> BencodeValue {
        var dictionary = BencodeDictionary()
        var links: [BencodeValue] = []
        let stamps = entries.enumerated().map { index, entry -> FileStamp? in
            if case .link(let target) = entry.mark { links += [.integer(Int64(index)), .text(target)] }
            if case .file(let stamp) = entry.mark { return stamp }
            return nil
        }
        dictionary.set("links", .list(links))
        dictionary.set("paths", .list(entries.map { .text($0.path.joined(separator: "/")) }))
        dictionary.set("stamps", .string(FileStamp.encode(stamps)))
        return .dictionary(dictionary)
    }

    private static func decode(_ value: BencodeValue?) -> [Entry]? {
        guard let dictionary = value?.dictionary, let paths = dictionary["paths"]?.list,
            let packed = dictionary["stamps"]?.bytes, let stamps = FileStamp.decode(packed, count: paths.count),
            let list = dictionary["links"]?.list, list.count.isMultiple(of: 2)
        else { return nil }
        var links: [Int: String] = [:]
        for index in stride(from: 0, to: list.count, by: 2) {
            guard let number = list[index].integer, let target = list[index + 1].text else { return nil }
            links[Int(clamping: number)] = target
        }
        var entries: [Entry] = []
        for (index, path) in paths.enumerated() {
            guard let text = path.text else { return nil }
            let path = text.split(separator: "/").map(String.init)
            // The file lies where anybody who may write there can put one: it must not lead out of its folder.
            guard path.allSatisfy(isName) else { return nil }
            let mark = links[index].map { .link($0) } ?? stamps[index].map { .file($0) } ?? EntryMark.nothing
            entries.append(Entry(path: path, mark: mark))
        }
        return entries
    }

    private static func isName(_ text: String) -> Bool { !text.contains("/") && text != "." && text != ".." }
}
