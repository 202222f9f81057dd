import Metainfo
import NIOCore
import Storage
import TestSupport

/// A small torrent whose content is known, made without the code under test: its own bencoding and its own SHA-1.
struct ContentFixture {
    struct File {
        var path: [String]
        var content: [UInt8]
        var attributes = ""
        var link: [String]?
    }

    let name: String
    let files: [File]
    let pieceLength: Int
    let info: TorrentInfo
    let layers: PieceLayers

    /// Files must be in file-tree order for v2 and hybrid. One file whose path is the name is a single-file torrent.
    init(
        _ format: TorrentFormat, name: String = "root", pieceLength: Int = 32768, _ files: [File],
        withWrongSHA1: Bool = false
    ) throws {
        self.name = name
        self.files = files
        self.pieceLength = pieceLength
        let isSingle = files.count == 1 && files[0].path == [name]
        var listed = files
        if format == .hybrid && !isSingle { listed = Self.padded(files, pieceLength) }

        var info: [String: Bencoded] = ["name": .text(name), "piece length": .number(pieceLength)]
        if format != .v2 {
            var content: [UInt8] = []
            for file in listed { content += file.content }
            var pieces = stride(from: 0, to: content.count, by: pieceLength).flatMap {
                TestSHA1.hash(content[$0..<min(content.count, $0 + pieceLength)])
            }
            if withWrongSHA1 { pieces[0] ^= 1 }
            info["pieces"] = .bytes(pieces)
            if isSingle {
                info["length"] = .number(content.count)
                if !files[0].attributes.isEmpty { info["attr"] = .text(files[0].attributes) }
            } else {
                info["files"] = .list(listed.map { .dictionary(Self.entry($0)) })
            }
        }
        var layers: [(root: MerkleHash, layer: [MerkleHash], length: Int64)] = []
        if format != .v1 {
            info["meta version"] = .number(2)
            var tree = Tree()
            for file in files {
                var properties: [String: Bencoded] = ["length": .number(file.content.count)]
                if !file.attributes.isEmpty { properties["attr"] = .text(file.attributes) }
                if let link = file.link { properties["symlink path"] = .list(link.map { .text($0) }) }
                if !file.content.isEmpty {
                    let (root, layer) = Self.hashTree(file.content, pieceLength)
                    properties["pieces root"] = .bytes(root.bytes)
                    if let layer { layers.append((root, layer, Int64(file.content.count))) }
                }
                tree.insert(file.path[...], .dictionary(["": .dictionary(properties)]))
            }
            info["file tree"] = tree.encoded
        }
        self.info = try TorrentInfo(encoded: Bencoded.dictionary(info).bytes)
        var known = PieceLayers()
        for (root, layer, length) in layers {
            try known.insert(layer, root: root, fileLength: length, pieceLength: pieceLength)
        }
        self.layers = known
    }

    /// Bytes that repeat only after a long time, so that a block in the wrong place is noticed.
    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = TestRandom(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 33) }
    }

    /// A tree with short and long files, an empty one, an executable one and a nested one.
    static func tree(_ format: TorrentFormat, pieceLength: Int = 32768) throws -> ContentFixture {
        try ContentFixture(
            format, pieceLength: pieceLength,
            [
                File(path: ["a"], content: bytes(100_000, seed: 1)),
                File(path: ["b", "deep", "c"], content: bytes(5000, seed: 2)),
                File(path: ["b", "empty"], content: []),
                File(path: ["b", "run"], content: bytes(32768, seed: 3), attributes: "x"),
                File(path: ["z"], content: bytes(70_001, seed: 4)),
            ])
    }

    static func single(_ format: TorrentFormat, length: Int = 100_000) throws -> ContentFixture {
        try ContentFixture(format, name: "one", [File(path: ["one"], content: bytes(length, seed: 5))])
    }

    // MARK: - Use

    func store(
        in directory: String, rootName: String? = nil, wanted: Set<FileIndex>? = nil, spill: String? = nil,
        files: FileTable = FileTable(), pool: DiskPool = DiskPool(workers: 2)
    ) throws -> ContentStore {
        let store = try ContentStore(
            info: info, directory: directory, rootName: rootName, wanted: wanted, spill: spill, pool: pool, files: files
        )
        store.setPieceLayers(layers)
        return store
    }

    /// The content of a piece up to its last byte that is no padding.
    func content(of piece: PieceIndex) -> [UInt8] {
        var all: [UInt8] = []
        for segment in info.layout.segments(piece, offset: 0, length: info.layout.dataSize(piece)) {
            guard let file = segment.file else {
                all += [UInt8](repeating: 0, count: segment.length)
                continue
            }
            let path = info.files[file.rawValue].path
            let content = files.first { $0.path == path }?.content ?? []
            all += content[Int(segment.offset)..<Int(segment.offset) + segment.length]
        }
        return all
    }

    func blocks(of piece: PieceIndex) -> [IncomingBlock] {
        let content = content(of: piece)
        return stride(from: 0, to: content.count, by: 16384).map { begin in
            IncomingBlock(
                piece: piece, begin: begin,
                data: ByteBuffer(bytes: content[begin..<min(content.count, begin + 16384)]))
        }
    }

    var allBlocks: [IncomingBlock] { pieces.flatMap(blocks) }

    var pieces: [PieceIndex] { (0..<info.layout.pieceCount).map { PieceIndex($0) } }

    func index(of path: [String]) -> FileIndex {
        FileIndex(info.files.firstIndex { $0.path == path } ?? -1)
    }

    func isOnDisk(_ file: File, below folder: ScratchFolder) -> Bool {
        let components = file.path == [name] ? file.path : [name] + file.path
        return folder.read(components.joined(separator: "/")) == file.content
    }

    // MARK: - Making

    private static func padded(_ files: [File], _ pieceLength: Int) -> [File] {
        files.flatMap { file in
            let rest = file.content.count % pieceLength
            guard rest > 0 else { return [file] }
            let count = pieceLength - rest
            return [
                file, File(path: [".pad", "\(count)"], content: Array(repeating: 0, count: count), attributes: "p"),
            ]
        }
    }

    private static func entry(_ file: File) -> [String: Bencoded] {
        var entry: [String: Bencoded] = [
            "length": .number(file.content.count), "path": .list(file.path.map { .text($0) }),
        ]
        if !file.attributes.isEmpty { entry["attr"] = .text(file.attributes) }
        if let link = file.link { entry["symlink path"] = .list(link.map { .text($0) }) }
        return entry
    }

    private static func hashTree(_ content: [UInt8], _ pieceLength: Int) -> (MerkleHash, [MerkleHash]?) {
        let leaves = stride(from: 0, to: content.count, by: 16384).map { begin in
            content[begin..<min(content.count, begin + 16384)].withUnsafeBytes { MerkleTree.leaf($0) }
        }
        var width = 1
        while width < leaves.count { width *= 2 }
        let root = MerkleTree.root(of: leaves, level: 0, width: width)
        guard content.count > pieceLength else { return (root, nil) }
        let perPiece = pieceLength / 16384
        let layer = stride(from: 0, to: leaves.count, by: perPiece).map { begin in
            MerkleTree.root(of: leaves[begin..<min(leaves.count, begin + perPiece)], level: 0, width: perPiece)
        }
        return (root, layer)
    }

    private struct Tree {
        var children: [String: Tree] = [:]
        var leaf: Bencoded?

        mutating func insert(_ path: ArraySlice<String>, _ value: Bencoded) {
            guard let first = path.first else {
                leaf = value
                return
            }
            children[first, default: Tree()].insert(path.dropFirst(), value)
        }

        var encoded: Bencoded { leaf ?? .dictionary(children.mapValues(\.encoded)) }
    }

    private indirect enum Bencoded {
        case number(Int), bytes([UInt8]), list([Bencoded]), dictionary([String: Bencoded])

        static func text(_ text: String) -> Bencoded { .bytes(Array(text.utf8)) }

        var bytes: [UInt8] {
            switch self {
            case .number(let number): Array("i\(number)e".utf8)
            case .bytes(let bytes): Array("\(bytes.count):".utf8) + bytes
            case .list(let list): [UInt8(ascii: "l")] + list.flatMap(\.bytes) + [UInt8(ascii: "e")]
            case .dictionary(let entries):
                [UInt8(ascii: "d")]
                    + entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .flatMap { Bencoded.text($0.key).bytes + $0.value.bytes } + [UInt8(ascii: "e")]
            }
        }
    }
}

/// SHA-1 by the book (FIPS 180-4), slow.
enum TestSHA1 {
    static func hash(_ message: ArraySlice<UInt8>) -> [UInt8] {
        var padded = Array(message) + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> UInt64(shift)))
        }
        var h: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var w = [UInt32](repeating: 0, count: 80)
        for chunk in stride(from: 0, to: padded.count, by: 64) {
            for i in 0..<16 {
                w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(padded[chunk + i * 4 + $1]) }
            }
            for i in 16..<80 { w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1) }
            var (a, b, c, d, e) = (h[0], h[1], h[2], h[3], h[4])
            for i in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch i {
                    case ..<20: ((b & c) | (~b & d), 0x5A82_7999)
                    case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case ..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = rotate(a, 5) &+ f &+ e &+ k &+ w[i]
                (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
            }
            for (i, value) in [a, b, c, d, e].enumerated() { h[i] = h[i] &+ value }
        }
        return h.flatMap { word in
            [24, 16, 8, 0].map { (shift: UInt32) -> UInt8 in UInt8(truncatingIfNeeded: word >> shift) }
        }
    }

    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
        value << count | value >> (32 - count)
    }
}

extension ContentStore {
    /// Writes one batch and waits for all of its parts.
    func write(_ blocks: [IncomingBlock]) async -> [BlockOutcome] {
        let bytes = blocks.reduce(0) { $0 + $1.data.readableBytes }
        guard bytes > 0 else { return [] }
        let (stream, continuation) = AsyncStream.makeStream(of: ([BlockOutcome], Int).self)
        write(blocks) { continuation.yield(($0, $1)) }
        var outcomes: [BlockOutcome] = []
        var released = 0
        for await (part, count) in stream {
            outcomes += part
            released += count
            if released >= bytes { break }
        }
        return outcomes
    }

    func read(_ blocks: [BlockRequest], gap: Int = 0) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { done in
            read(blocks, gap: gap) { done.resume(with: $0.mapError { $0 as any Error }) }
        }.withUnsafeReadableBytes { Array($0) }
    }

    func leaves(of piece: PieceIndex) async throws -> [MerkleHash] {
        try await withCheckedThrowingContinuation { done in
            leafHashes(piece: piece) { done.resume(with: $0.mapError { $0 as any Error }) }
        }
    }
}

extension [BlockOutcome] {
    var verified: [PieceIndex] {
        compactMap { if case .verified(let piece) = $0 { piece } else { nil } }.sorted()
    }

    var failures: [StorageError] {
        compactMap { if case .failedToStore(_, let error) = $0 { error } else { nil } }
    }
}
