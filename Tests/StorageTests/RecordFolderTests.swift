import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Small durable records")
struct RecordFolderTests {
    let scratch: ScratchFolder
    let state: StateDirectory
    let records: RecordFolder

    init() throws {
        scratch = try ScratchFolder()
        state = try StateDirectory(path: scratch.path + "/state")
        records = try RecordFolder(state, kind: "things")
    }

    @Test("What is saved is there again, in the last version, for this user alone")
    func saved() throws {
        #expect(try records.load("a") == nil)
        #expect(records.all().isEmpty)
        try records.save([1, 2, 3], as: "a")
        try records.save([], as: "b")
        try records.save([4], as: "a")
        #expect(try records.load("a") == [4])
        #expect(try records.load("b") == [])
        #expect(records.names == ["a", "b"])
        #expect(records.all().map(\.bytes) == [[4], []])
        #expect(scratch.mode("state/things/a.record") == 0o600)
        #expect(scratch.mode("state/things") == 0o700)
        let again = try RecordFolder(state, kind: "things")
        #expect(try again.load("a") == [4])
        again.remove("a")
        again.remove("a")
        #expect(try records.load("a") == nil)
        #expect(records.names == ["b"])
    }

    @Test("Kinds do not mix")
    func kinds() throws {
        let others = try RecordFolder(state, kind: "others")
        try records.save([1], as: "a")
        #expect(try others.load("a") == nil)
    }

    @Test("Every damaged byte is noticed, and what is damaged can be set aside")
    func damaged() throws {
        try records.save([1, 2, 3], as: "a")
        let whole = try #require(scratch.read("state/things/a.record"))
        for index in whole.indices {
            var other = whole
            other[index] ^= 1
            try scratch.write(other, to: "state/things/a.record")
            #expect(try records.load("a") == nil)
            try scratch.write(Array(whole[..<index]), to: "state/things/a.record")
            #expect(try records.load("a") == nil)
        }
        let found = try #require(records.all().first)
        #expect(found.name == "a" && found.bytes == nil)
        records.setAside("a")
        #expect(records.all().isEmpty)
        #expect(scratch.exists("state/things/a.record.damaged"))
        try records.save([5], as: "a")
        #expect(try records.load("a") == [5])
    }

    @Test("What a killed process left half written is no record and goes away")
    func halfWritten() throws {
        let left = "state/things/a.record.new-1-1"
        try scratch.write([1], to: left)
        var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        utimensat(AT_FDCWD, scratch.path + "/" + left, &times, 0)
        #expect(records.names.isEmpty)
        _ = try RecordFolder(state, kind: "things")
        #expect(!scratch.exists(left))
    }

    @Test("Records without a counterpart can be removed together")
    func keep() throws {
        for name in ["a", "b", "c"] { try records.save([1], as: name) }
        records.keep(only: ["b", "x"])
        #expect(records.names == ["b"])
        records.keep(only: ["b"])
        #expect(records.names == ["b"])
    }

    @Test("A link or a folder in place of a record is an error, not content")
    func notAFile() throws {
        try scratch.write([1], to: "elsewhere")
        try makeLink(at: scratch.path + "/state/things/l.record", to: scratch.path + "/elsewhere")
        try scratch.makeFolder("state/things/f.record")
        #expect(throws: StorageError.self) { try records.load("l") }
        #expect(records.all().map(\.bytes) == [nil, nil])
        #expect(throws: StorageError.self) { try records.save([1], as: "f") }
    }
}

func makeLink(at path: String, to target: String) throws {
    guard symlink(target, path) == 0 else { throw StorageError(errno: errno, path: path) }
}
