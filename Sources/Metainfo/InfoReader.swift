import Bencode

/// Reads an info dictionary into a ``TorrentInfo``.
enum InfoReader {
    static func read(_ encoded: [UInt8]) throws(MetainfoError) -> TorrentInfo {
        try read(encoded, try decode(encoded, mode: .lenient))
    }

    /// `value` must be what the lenient decoder makes of `encoded`; offsets within it start at `base`.
    static func read(
        _ encoded: [UInt8], _ value: BencodeValue, base: Int = 0
    ) throws(MetainfoError) -> TorrentInfo {
        guard let info = value.dictionary else { throw .notDictionary }
        let format = try format(of: info)
        // Keys out of order happen in old v1 torrents; for BEP 52 other programs refuse them.
        // Strict about what is hashed: other programs would make another dictionary, and so another hash, of it.
        if !value.isCanonical { _ = try decode(encoded, mode: .strict) }
        guard let pieceLength = info["piece length"]?.integer else { throw .missing("piece length") }
        try PieceLength.validate(pieceLength, format: format)
        let rawName = try name(of: info, format: format)

        let raw: [RawFile]
        let isSingleFile: Bool
        switch format {
        case .v1:
            raw = try V1Files.read(info, name: rawName, format: format)
            isSingleFile = info["files"] == nil
        case .v2:
            raw = try V2Files.read(info)
            isSingleFile = raw.count == 1 && raw[0].path == [rawName]
        case .hybrid:
            let v1 = try V1Files.read(info, name: rawName, format: format)
            raw = try HybridFiles.merge(v1, try V2Files.read(info), pieceLength: pieceLength)
            isSingleFile = info["files"] == nil
        }

        let hashes = InfoHashes(hashing: encoded, format: format)
        let name = PathSafety.safeComponent(rawName) ?? hashes.v1?.hex ?? hashes.v2?.hex ?? "_"
        let files = try place(raw, pieceLength: pieceLength, format: format, singleName: isSingleFile ? name : nil)
        let result = TorrentInfo(
            name: name, pieceLength: Int(pieceLength), format: format, files: files,
            isPrivate: (info["private"]?.integer ?? 0) != 0, hashes: hashes, isSingleFile: isSingleFile,
            encoded: encoded, piecesRange: format.hasV1 ? hashRange(of: info, base: base) : nil)
        try check(result)
        return result
    }

    static func decode(_ bytes: [UInt8], mode: BencodeDecoder.Mode) throws(MetainfoError) -> BencodeValue {
        do {
            return try BencodeDecoder(mode: mode, limits: .file).decode(bytes)
        } catch {
            throw .bencoding(error)
        }
    }

    private static func format(of info: BencodeDictionary) throws(MetainfoError) -> TorrentFormat {
        guard let version = info["meta version"] else { return .v1 }
        guard let number = version.integer else { throw .invalid("meta version") }
        guard number == 2 else { throw .unsupportedVersion(number) }
        let hasV1 = info["pieces"] != nil || info["files"] != nil || info["length"] != nil
        return hasV1 ? .hybrid : .v2
    }

    private static func name(of info: BencodeDictionary, format: TorrentFormat) throws(MetainfoError) -> [UInt8] {
        let preferred = format == .v1 ? info["name.utf-8"]?.bytes : nil
        guard let name = preferred ?? info["name"]?.bytes, !name.isEmpty else { throw .missing("name") }
        return name
    }

    /// Gives every file its offset and its safe path.
    private static func place(
        _ raw: [RawFile], pieceLength: Int64, format: TorrentFormat, singleName: String?
    ) throws(MetainfoError) -> [TorrentFile] {
        var placement = FilePlacement(pieceLength: pieceLength, format: format)
        placement.reserve(raw.count)
        for (file, path) in zip(raw, safePaths(raw, singleName: singleName)) {
            try placement.append(file, path: path)
        }
        return try placement.placed()
    }

    /// Padding is never written, so its paths take no part in what collides.
    private static func safePaths(_ raw: [RawFile], singleName: String?) -> [[String]] {
        if let singleName { return raw.map { _ in [singleName] } }
        var paths = raw.map { PathSafety.safePath($0.path) }
        let written = raw.indices.filter { !raw[$0].attributes.isPadding }
        for (index, path) in zip(written, PathSafety.disambiguated(written.map { paths[$0] })) { paths[index] = path }
        return paths
    }

    /// Both are far below 2^62, so this cannot overflow.
    static func aligned(_ position: Int64, to pieceLength: Int64) -> Int64 {
        (position + pieceLength - 1) / pieceLength * pieceLength
    }

    private static func hashRange(of info: BencodeDictionary, base: Int) -> Range<Int>? {
        guard let range = info.sourceRange(of: "pieces"), let count = info["pieces"]?.bytes?.count else { return nil }
        return range.upperBound - base - count..<range.upperBound - base
    }

    /// What can be checked only when all files have their places.
    static func check(_ info: TorrentInfo) throws(MetainfoError) {
        guard info.totalSize > 0 else { throw .empty }
        guard info.format.hasV1 else { return }
        guard let range = info.piecesRange else { throw .missing("pieces") }
        guard range.count == info.layout.pieceCount * InfoHashV1.byteCount else { throw .invalid("pieces") }
    }
}
