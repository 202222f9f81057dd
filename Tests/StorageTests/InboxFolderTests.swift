import NIOCore
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A folder that takes files of strangers")
struct InboxFolderTests {
    private let scratch: CreationFixture
    private let inbox: InboxFolder

    init() throws {
        scratch = try CreationFixture()
        #expect(mkdir(scratch.path("box"), 0o755) == 0)
        inbox = InboxFolder(path: scratch.path("box"))
    }

    private func stage(_ name: String, _ text: String) throws -> StagedFile {
        let file = try inbox.stage(name)
        #expect(try file.write([ByteBuffer(string: text)], at: 0) == Int64(text.utf8.count))
        return file
    }

    private func exists(_ path: String) -> Bool { FileTime.exists(scratch.path("box/" + path)) }

    @Test("Until it has its place it is in the hidden folder alone, which goes with the last")
    func hidden() throws {
        let file = try stage("1", "abc")
        #expect(exists(InboxFolder.stagingName + "/1"))
        #expect(throws: CreationError.self) { try FolderScan(path: scratch.path("box")) }
        #expect(try inbox.place(file, at: ["new", "a.txt"]) == ["new", "a.txt"])
        #expect(exists("new/a.txt") && !exists(InboxFolder.stagingName))
        let scan = try FolderScan(path: scratch.path("box"))
        #expect(scan.files.map(\.components) == [["new", "a.txt"]] && scan.omitted.isEmpty)
    }

    @Test("A name that is taken gets a number, also from a folder or a link")
    func taken() throws {
        #expect(try inbox.place(stage("1", "1"), at: ["a.txt"]) == ["a.txt"])
        #expect(try inbox.place(stage("2", "2"), at: ["a.txt"]) == ["a (2).txt"])
        #expect(try inbox.place(stage("3", "3"), at: ["a.txt"]) == ["a (3).txt"])
        #expect(mkdir(scratch.path("box/b"), 0o755) == 0)
        #expect(symlink("/nowhere", scratch.path("box/c")) == 0)
        #expect(try inbox.place(stage("4", "4"), at: ["b"]) == ["b (2)"])
        #expect(try inbox.place(stage("5", "5"), at: ["c"]) == ["c (2)"])
    }

    @Test("Nothing leads out of it")
    func confined() throws {
        #expect(mkdir(scratch.path("outside"), 0o755) == 0)
        #expect(symlink(scratch.path("outside"), scratch.path("box/link")) == 0)
        let file = try stage("1", "1")
        for path in [["link", "a"], ["..", "a"], ["a/b"], ["a", ""], []] {
            #expect(throws: StorageError.self) { try inbox.place(file, at: path) }
        }
        _ = try inbox.place(stage("2", "2"), at: ["file"])
        #expect(throws: StorageError.self) { try inbox.place(file, at: ["file", "a"]) }
        #expect(!FileTime.exists(scratch.path("outside/a")) && exists(InboxFolder.stagingName + "/1"))
        inbox.discard(file)
        #expect(!exists(InboxFolder.stagingName))
    }

    @Test("It goes on where it was, and what nobody comes back for is swept away")
    func laterRuns() throws {
        _ = try stage("1", "abcdef")
        let file = try inbox.reopen("1")
        #expect(try file.size() == 6)
        try file.truncate(to: 3)
        #expect(try file.write([ByteBuffer(string: "xy"), ByteBuffer(string: "z")], at: 3) == 6)
        #expect(throws: StorageError.self) { try inbox.reopen("2") }
        #expect(throws: StorageError.self) { try inbox.stage("1") }
        _ = try stage("2", "old")
        let later = Int64(time(nil)) + 100
        inbox.sweep(olderThan: 200, keeping: [], now: later)
        #expect(exists(InboxFolder.stagingName + "/2"))
        inbox.sweep(olderThan: 50, keeping: ["1"], now: later)
        #expect(!exists(InboxFolder.stagingName + "/2") && exists(InboxFolder.stagingName + "/1"))
        #expect((inbox.freeBytes() ?? 0) > 0)
    }

    @Test(
        "Names that shares leave out are refused, those that only Windows reserves are not",
        arguments: [
            (["a.txt"], true), (["CON"], true), ([".gitignore"], true), (["a.part"], false), (["Thumbs.db"], false),
            (["x.aria2"], false), ([InboxFolder.stagingName, "a"], false), (["a~", "b"], false), ([], false),
            (["a\u{7}"], false), ([".."], false),
        ])
    func names(_ path: [String], _ isTaken: Bool) {
        #expect((InboxName.refusal(of: path) == nil) == isTaken)
    }
}
