import Bencode

/// Writes the info dictionary of a ``TorrentBuilder``, with its keys in the order of raw bytes.
struct InfoWriter {
    private let builder: TorrentBuilder
    private let single: HashedFile?
    private var output = BencodeWriter()
    private var piecesRange: Range<Int>?

    private init(_ builder: TorrentBuilder, single: HashedFile?) {
        self.builder = builder
        self.single = single
    }

    /// - Parameters:
    ///   - entries: what v1 and hybrid torrents list, padding included.
    ///   - single: the one file of a torrent that is a file.
    /// - Returns: the bytes, and where the SHA-1 hashes lie in them.
    static func write(
        _ builder: TorrentBuilder, _ entries: [TorrentFile], single: HashedFile?
    ) throws(MetainfoError) -> (encoded: [UInt8], piecesRange: Range<Int>?) {
        var writer = InfoWriter(builder, single: single)
        try writer.write(entries)
        let output = writer.output
        let limits = BencodeDecoder.Limits.file
        // Nobody could read it back.
        guard output.nodes <= limits.maximumNodes else { throw .bencoding(.tooManyNodes(offset: output.bytes.count)) }
        guard output.bytes.count <= limits.maximumBytes else {
            throw .bencoding(.tooLong(offset: limits.maximumBytes))
        }
        return (output.bytes, writer.piecesRange)
    }

    private mutating func write(_ entries: [TorrentFile]) throws(MetainfoError) {
        let format = builder.format
        output.beginDictionary()
        if format.hasV1, single?.isExecutable == true { text("attr", "x") }
        if format.hasV2 {
            output.key("file tree")
            try writeFolder(builder.files[...], depth: 0)
        }
        if format.hasV1, single == nil {
            output.key("files")
            output.beginList()
            for entry in entries { write(entry) }
            output.end()
        }
        if format.hasV1, let single { integer("length", single.length) }
        if format.hasV2 { integer("meta version", 2) }
        text("name", builder.name)
        integer("piece length", Int64(builder.pieceLength))
        if format.hasV1 {
            output.key("pieces")
            let pieces = format == .hybrid ? Array(builder.files.map(\.v1Pieces).joined()) : builder.pieces
            output.string(pieces)
            piecesRange = output.bytes.count - pieces.count..<output.bytes.count
        }
        if builder.isPrivate { integer("private", 1) }
        output.end()
    }

    private mutating func text(_ key: String, _ value: String) {
        output.key(key)
        output.text(value)
    }

    private mutating func integer(_ key: String, _ value: Int64) {
        output.key(key)
        output.integer(value)
    }

    /// An entry of `files` (BEP 3, BEP 47).
    private mutating func write(_ file: TorrentFile) {
        output.beginDictionary()
        if file.isPadding { text("attr", "p") } else if file.isExecutable { text("attr", "x") }
        integer("length", file.length)
        output.key("path")
        output.beginList()
        for component in file.path { output.text(component) }
        output.end()
        output.end()
    }

    // MARK: The file tree (BEP 52)

    /// The files in `range` are in tree order and share their first `depth` components. Recurses once for each component
    /// of a path, which the builder bounds.
    private mutating func writeFolder(_ range: ArraySlice<HashedFile>, depth: Int) throws(MetainfoError) {
        output.beginDictionary()
        var rest = range
        while let first = rest.first {
            let name = first.path[depth]
            let same = rest.prefix { $0.path.count > depth && $0.path[depth].utf8.elementsEqual(name.utf8) }
            rest = rest.dropFirst(same.count)
            output.key(name)
            if first.path.count == depth + 1 {
                guard same.count == 1 else { throw .duplicatePath(first.path) }
                output.beginDictionary()
                output.key("")
                try writeProperties(first)
                output.end()
            } else {
                try writeFolder(same, depth: depth + 1)
            }
        }
        output.end()
    }

    private mutating func writeProperties(_ file: HashedFile) throws(MetainfoError) {
        output.beginDictionary()
        if file.isExecutable { text("attr", "x") }
        integer("length", file.length)
        if file.length > 0 {
            guard let root = file.root, root != .zero else { throw .missing("pieces root") }
            output.key("pieces root")
            output.string(root.bytes)
        }
        output.end()
    }
}
