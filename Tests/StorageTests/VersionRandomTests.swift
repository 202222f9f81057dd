import Metainfo
import Testing
import TestSupport

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Any version to any other, with a user in between and a host that is killed now and then. Each failure comes again
/// from its seed.
struct VersionRandomTests {
    @Test(arguments: Array<UInt64>(0..<40))
    func nothingIsLost(seed: UInt64) async throws {
        var random = TestRandom(seed: seed)
        let old = Self.tree(&random)
        let new = Self.next(old, &random)
        let format = TorrentFormat.allCases[Int(seed % 5 == 0 ? seed / 5 % 3 : 1)]
        let fixture = try VersionFixture(old, new, format: format)
        Self.change(fixture, &random, count: 6)
        let sources = [fixture.source]
        let staged = try fixture.staging.prepare(fixture.plan(), from: sources)
        Self.change(fixture, &random, count: 3)
        let store = try fixture.store()
        var have = staged.trusted
        for piece in try await store.check(pieces: staged.piecesToCheck) { have.insert(piece) }
        store.setVerified((0..<have.capacity).map { PieceIndex($0) }.filter { have.contains($0) })
        let stamps = try await fixture.complete(store, staged, have)
        store.close()

        let users = Self.usersFiles(fixture, old)
        var version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        for _ in 0..<3 {
            _ = try? version.run(step: Killing(after: Int.random(in: 0..<30, using: &random)).step)
            version = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
        }
        let result = try version.run()
        try version.finish()

        let found = fixture.found()
        for (path, bytes) in fixture.expected where found[path] != bytes { Issue.record("\(path) is not the new one") }
        let left = found.filter { fixture.expected[$0.key] == nil && !$0.key.hasSuffix("/") }
        #expect(Self.sorted(left.values) == Self.sorted(users.values), "\(left.keys.sorted()) \(users.keys.sorted())")
        #expect(!found.keys.contains { $0.hasPrefix(".duplex") })
        for kept in result.kept where found[kept.keptPath] == nil {
            #expect(found.keys.contains { $0.hasPrefix(kept.keptPath + "/") }, "\(kept)")
        }
    }

    private static func sorted(_ contents: some Sequence<[UInt8]>) -> [[UInt8]] {
        contents.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What is there and is not as the version before has it.
    private static func usersFiles(_ fixture: VersionFixture, _ old: VersionFixture.Tree) -> VersionFixture.Tree {
        fixture.found().filter { path, bytes in
            guard path.hasPrefix("share/"), !path.hasSuffix("/") else { return false }
            return old[String(path.dropFirst("share/".count))] != bytes
        }
    }

    // MARK: - Making

    private static func path(_ random: inout TestRandom) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            ["a", "b", "c", "d.sh"].randomElement(using: &random) ?? ""
        }
        .joined(separator: "/")
    }

    private static func content(_ random: inout TestRandom) -> [UInt8] {
        let count = [20, 300, 40_000, 100_000].randomElement(using: &random) ?? 1
        return ContentFixture.bytes(count, seed: random.next())
    }

    /// A path that no file of the tree is above or below.
    private static func freePath(_ tree: VersionFixture.Tree, _ random: inout TestRandom) -> String? {
        for _ in 0..<20 {
            let path = path(&random)
            let isFree = tree.keys.allSatisfy { other in
                other != path && !other.hasPrefix(path + "/") && !path.hasPrefix(other + "/")
            }
            if isFree { return path }
        }
        return nil
    }

    private static func tree(_ random: inout TestRandom) -> VersionFixture.Tree {
        var tree: VersionFixture.Tree = ["one": content(&random)]
        for _ in 0..<10 {
            if let path = freePath(tree, &random) { tree[path] = content(&random) }
        }
        return tree
    }

    /// Edited, moved, deleted, added.
    private static func next(_ old: VersionFixture.Tree, _ random: inout TestRandom) -> VersionFixture.Tree {
        var tree = old
        for _ in 0..<8 {
            guard let path = tree.keys.sorted().randomElement(using: &random) else { continue }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: tree[path]?[0] ^= 0xFF
            case 1: tree[path] = content(&random)
            case 2 where tree.count > 1: tree[path] = nil
            case 3:
                let bytes = tree[path]
                if Bool.random(using: &random) { tree[path] = nil }
                tree[freePath(tree, &random) ?? path] = bytes
            default:
                if let path = freePath(tree, &random) { tree[path] = content(&random) }
            }
        }
        return tree
    }

    /// What a user does to the share. Every content is a new one.
    private static func change(_ fixture: VersionFixture, _ random: inout TestRandom, count: Int) {
        for number in 0..<count {
            let path = path(&random)
            let full = fixture.folder.path("share/" + path)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: unlink(full)
            case 1:
                let other = fixture.folder.path("share/" + self.path(&random))
                if access(other, F_OK) != 0 { _ = rename(full, other) }
            case 2: symlink("nowhere-\(number)-\(random.next())", full)
            default: write(content(&random), to: full, age: Int.random(in: 1..<50, using: &random))
            }
        }
    }

    /// In place, unless something is in the way.
    private static func write(_ bytes: [UInt8], to path: String, age: Int) {
        for index in path.indices where path[index] == "/" && index != path.startIndex {
            _ = mkdir(String(path[..<index]), 0o755)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = pwrite(descriptor, bytes, bytes.count, 0)
        let then = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
        futimens(descriptor, [then, then])
    }
}
