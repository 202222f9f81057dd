import Metainfo
import NIOCore
import Synchronization
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A follower's folder with one version in it, and a newer one of which all blocks can be had.
final class VersionFixture: Sendable {
    typealias Tree = [String: [UInt8]]

    let folder: CreationFixture
    let old: ContentFixture
    let new: ContentFixture
    let oldTree: Tree
    let newTree: Tree
    let stamps: [FileStamp?]
    let pool = DiskPool(workers: 2)
    private let fetched = Mutex(0)

    /// Paths are below the share; the empty path is the share itself as one file.
    init(_ old: Tree, _ new: Tree, format: TorrentFormat = .v2) throws {
        folder = try CreationFixture()
        oldTree = old
        newTree = new
        self.old = try Self.torrent(old, format)
        self.new = try Self.torrent(new, format)
        for (path, bytes) in old { try folder.write(Self.place(path), bytes: bytes) }
        stamps = ResumeRecord.stamps(of: self.old.info, directory: folder.path, rootName: "share")
    }

    static func place(_ path: String) -> String { path.isEmpty ? "share" : "share/" + path }

    private static func torrent(_ tree: Tree, _ format: TorrentFormat) throws -> ContentFixture {
        let files = tree.map { path, bytes in
            let components = path.isEmpty ? ["share"] : path.split(separator: "/").map(String.init)
            return ContentFixture.File(path: components, content: bytes, attributes: path.hasSuffix(".sh") ? "x" : "")
        }
        let sorted = files.sorted { first, second in
            first.path.lexicographicallyPrecedes(second.path) { Array($0.utf8).lexicographicallyPrecedes($1.utf8) }
        }
        return try ContentFixture(format, name: "share", sorted)
    }

    /// How many blocks had to come from elsewhere.
    var blocksFetched: Int { fetched.withLock { $0 } }

    var source: VersionSource {
        VersionSource(
            torrent: Torrent(info: old.info, pieceLayers: old.layers), directory: folder.path, rootName: "share",
            stamps: stamps,
            found: ResumeRecord.stamps(of: old.info, directory: folder.path, rootName: "share"))
    }

    var staging: VersionStaging { VersionStaging(of: new.info, in: folder.path, rootName: "share") }

    func plan(_ more: [VersionSource] = []) -> VersionPlan {
        VersionPlan(from: [source] + more, to: new.info, layers: new.layers, rootName: "share")
    }

    func store() throws -> ContentStore {
        let store = try ContentStore(
            info: new.info, directory: staging.path, rootName: "share", separatesLinks: true, pool: pool)
        store.setPieceLayers(new.layers)
        return store
    }

    /// Prepares the staging folder, fetches what is missing, and gives the stamps of what is whole.
    func stage(_ more: [VersionSource] = []) async throws -> [FileStamp?] {
        let sources = [source] + more
        let staged = try staging.prepare(plan(more), from: sources)
        let store = try store()
        defer { store.close() }
        var have = staged.trusted
        for piece in try await store.check(pieces: staged.piecesToCheck) { have.insert(piece) }
        store.setVerified((0..<have.capacity).map { PieceIndex($0) }.filter { have.contains($0) })
        store.hold(to: staged.stamps)
        return try await complete(store, staged, have)
    }

    func complete(_ store: ContentStore, _ staged: StagedVersion, _ have: PieceSet) async throws -> [FileStamp?] {
        try await fetch(store, have)
        while true {
            switch try await store.complete(staged) {
            case .whole(let stamps): return stamps
            case .lacking(let pieces):
                var have = PieceSet(fullWithCapacity: new.info.layout.pieceCount)
                for piece in pieces { have.remove(piece) }
                try await fetch(store, have)
            }
        }
    }

    func fetch(_ store: ContentStore, _ have: PieceSet) async throws {
        let missing = new.pieces.filter { !have.contains($0) }
        let blocks = missing.flatMap { new.blocks(of: $0) }
        fetched.withLock { $0 += blocks.count }
        for block in blocks {
            let outcomes = await withCheckedContinuation { continuation in
                store.write([block]) { outcomes, _ in continuation.resume(returning: outcomes) }
            }
            for outcome in outcomes {
                guard case .verified = outcome else {
                    Issue.record("not verified: \(outcome)")
                    continue
                }
            }
        }
    }

    // MARK: - What is there

    /// All files and links below the directory; a link's content is what it points to.
    func found() -> Tree {
        var tree: Tree = [:]
        collect("", &tree)
        return tree
    }

    private func collect(_ path: String, _ tree: inout Tree) {
        for entry in FolderEntries.read(path.isEmpty ? folder.path : folder.path(path)) {
            let below = path.isEmpty ? entry.name : path + "/" + entry.name
            if entry.isFolder {
                let before = tree.count
                collect(below, &tree)
                if tree.count == before { tree[below + "/"] = [] }
            } else {
                var target = [CChar](repeating: 0, count: 1024)
                let count = readlink(folder.path(below), &target, target.count)
                tree[below] =
                    count > 0
                    ? target[..<count].map { UInt8(bitPattern: $0) } : CreationFixture.read(folder.path(below))
            }
        }
    }

    /// The share as the new version has it.
    var expected: Tree {
        Dictionary(uniqueKeysWithValues: newTree.map { (Self.place($0), $1) })
    }

    func expectNewVersion(
        keeping users: Tree, comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = found()
        let expected = expected.merging(users) { _, user in user }
        #expect(Set(found.keys) == Set(expected.keys), comment, sourceLocation: sourceLocation)
        for (path, bytes) in expected where found[path] != bytes {
            Issue.record("\(path) is another one, \(comment ?? "")", sourceLocation: sourceLocation)
        }
    }
}

/// A switch that ends at a step, as if it was killed.
final class Killing: Sendable {
    private let left: Mutex<Int>

    init(after steps: Int) { left = Mutex(steps) }

    /// Whether the step was reached.
    var happened: Bool { left.withLock { $0 < 0 } }

    func step() throws(StorageError) {
        let isOver = left.withLock { left in
            left -= 1
            return left < 0
        }
        if isOver { throw StorageError(kind: .closed, path: "killed") }
    }
}
