import Metainfo
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Scanning a folder")
struct CreationScanTests {
    let fixture: CreationFixture

    init() throws {
        fixture = try CreationFixture()
    }

    private func scan(_ relative: String = "dir") throws -> FolderScan {
        try FolderScan(path: fixture.path(relative))
    }

    private func paths(_ scan: FolderScan) -> [String] {
        scan.files.map { $0.components.joined(separator: "/") }
    }

    @Test("Files come in raw byte order of the names at each level, depth first")
    func order() throws {
        for name in ["a.txt", "a/z", "a/b/c", "B", "é", "z", "a-b", "ä/1", "日本"] {
            try fixture.write("dir/" + name, count: 1)
        }
        let scan = try scan()
        #expect(paths(scan) == ["B", "a/b/c", "a/z", "a-b", "a.txt", "z", "ä/1", "é", "日本"])
        #expect(scan.name == "dir")
        #expect(!scan.isSingleFile)
        #expect(scan.totalSize == 9)
    }

    @Test("What nobody means to share is left out and named")
    func omissions() throws {
        let omitted: [(String, OmittedEntry.Reason)] = [
            (".DS_Store", .systemFile), ("._photo.jpg", .systemFile), ("Thumbs.db", .systemFile),
            ("thumbs.db", .systemFile), ("desktop.ini", .systemFile), (".Spotlight-V100/x", .systemFile),
            (".Trashes/x", .systemFile), (".Trash-1000/x", .systemFile), (".fseventsd/x", .systemFile),
            ("lost+found/x", .systemFile), ("$RECYCLE.BIN/x", .systemFile), ("film.mkv.part", .partialFile),
            ("film.partial", .partialFile), ("x.crdownload", .partialFile), ("iso.aria2", .partialFile),
            ("iso", .partialFile), ("a.!qB", .partialFile), ("b.duplex-part", .partialFile), ("notes~", .editorBackup),
            (".notes.swp", .editorBackup), (".#notes", .editorBackup),
        ]
        for (name, _) in omitted { try fixture.write("dir/" + name, count: 10) }
        let kept = [".gitignore", "film.part1.rar", "iso2", "notes", "swp"]
        for name in kept { try fixture.write("dir/" + name, count: 10) }
        let scan = try scan()
        #expect(paths(scan) == kept)
        let found = Dictionary(uniqueKeysWithValues: scan.omitted.map { ($0.path, $0.reason) })
        #expect(found.count == omitted.count)
        for (name, reason) in omitted {
            let top = name.split(separator: "/").first.map(String.init) ?? name
            #expect(found[top] == reason, "\(name)")
        }
    }

    @Test("Links, pipes and names that are not text are left out and named")
    func specialEntries() throws {
        try fixture.write("dir/sub/file", count: 3)
        try fixture.write("outside/secret", count: 3)
        symlink(fixture.path("outside"), fixture.path("dir/link"))
        symlink("sub/file", fixture.path("dir/sub/alias"))
        mkfifo(fixture.path("dir/pipe"), 0o644)
        try fixture.write("dir/back\\slash", count: 3)
        let broken: [CChar] = fixture.path("dir/sub/x").utf8CString.dropLast() + [CChar(bitPattern: 0xFF), 0]
        close(open(broken, O_WRONLY | O_CREAT, 0o644))

        let scan = try scan()
        #expect(paths(scan) == ["sub/file"])
        let found = Dictionary(uniqueKeysWithValues: scan.omitted.map { ($0.path, $0.reason) })
        #expect(
            found == [
                "link": .symbolicLink, "sub/alias": .symbolicLink, "pipe": .specialFile,
                "back\\slash": .unusableName, "sub/x\u{FFFD}": .unusableName,
            ])
    }

    @Test("A file named by itself is shared whatever its name, a link is resolved first")
    func singleFile() throws {
        try fixture.write("film.part", count: 5, mode: 0o755)
        symlink("film.part", fixture.path("alias"))
        let scan = try scan("alias")
        #expect(scan.isSingleFile)
        #expect(scan.name == "film.part")
        #expect(scan.files.map(\.components) == [["film.part"]])
        #expect(scan.files.first?.isExecutable == true)
        #expect(scan.path == fixture.path("film.part"))
    }

    @Test("A path with dots and a trailing slash is named after what it resolves to")
    func resolvedName() throws {
        try fixture.write("dir/a", count: 5)
        #expect(try scan("dir/../dir/").name == "dir")
        #expect(try scan("dir/.").name == "dir")
    }

    @Test("Executable means that the owner may execute it")
    func executableBits() throws {
        try fixture.write("dir/a", count: 1, mode: 0o755)
        try fixture.write("dir/b", count: 1, mode: 0o644)
        try fixture.write("dir/c", count: 1, mode: 0o645)
        try fixture.write("dir/d", count: 1, mode: 0o700)
        #expect(try scan().files.map(\.isExecutable) == [true, false, false, true])
    }

    @Test("Nothing to share is an error that says so")
    func nothing() throws {
        mkdir(fixture.path("empty"), 0o755)
        #expect(throws: CreationError.nothingToShare(path: fixture.path("empty"), omitted: 0)) { try scan("empty") }
        try fixture.write("only/.DS_Store", count: 1)
        #expect(throws: CreationError.nothingToShare(path: fixture.path("only"), omitted: 1)) { try scan("only") }
        #expect(throws: CreationError.storage(StorageError(kind: .missing, path: fixture.path("gone")))) {
            try scan("gone")
        }
        mkfifo(fixture.path("pipe"), 0o644)
        #expect(throws: CreationError.self) { try scan("pipe") }
        #expect(throws: CreationError.self) { try FolderScan(path: "/") }
    }

    @Test("What may not be read is left out and named, a folder as a whole", .enabled(if: CreationFixture.isBound))
    func unreadable() throws {
        try fixture.write("dir/a", count: 1)
        try fixture.write("dir/secret", count: 1, mode: 0o000)
        try fixture.write("dir/.DS_Store", count: 1, mode: 0o000)
        for folder in ["closed", "listed", "open/blind"] {
            try fixture.write("dir/\(folder)/x", count: 1)
            try fixture.write("dir/\(folder)/inner/x~", count: 1)
        }
        try fixture.write("dir/open/x", count: 1)
        for (folder, mode) in [("closed", 0), ("listed", 0o444), ("open/blind", 0o333)] as [(String, mode_t)] {
            chmod(fixture.path("dir/" + folder), mode)
        }
        let scan = try scan()
        for folder in ["closed", "listed", "open/blind"] { chmod(fixture.path("dir/" + folder), 0o755) }
        #expect(paths(scan) == ["a", "open/x"])
        let found = Dictionary(uniqueKeysWithValues: scan.omitted.map { ($0.path, $0.reason) })
        #expect(
            found == [
                ".DS_Store": .systemFile, "secret": .notPermitted, "closed": .notPermitted, "listed": .notPermitted,
                "open/blind": .notPermitted,
            ])
    }

    @Test("A shared file or folder that may not be read is an error", .enabled(if: CreationFixture.isBound))
    func unreadableItself() throws {
        try fixture.write("dir/a", count: 1)
        for mode: mode_t in [0, 0o444, 0o111] {
            chmod(fixture.path("dir"), mode)
            #expect(throws: CreationError.storage(StorageError(kind: .notPermitted, path: fixture.path("dir")))) {
                try scan()
            }
        }
        chmod(fixture.path("dir"), 0o755)
        chmod(fixture.path("dir/a"), 0)
        #expect(throws: CreationError.storage(StorageError(kind: .notPermitted, path: fixture.path("dir/a")))) {
            try scan("dir/a")
        }
        try fixture.write("dir/b", count: 1, mode: 0o000)
        #expect(throws: CreationError.nothingReadable(path: fixture.path("dir"), entries: "a and 1 more")) {
            try scan()
        }
    }

    @Test("Folders nested too deep are an error")
    func depth() throws {
        let deep = Array(repeating: "d", count: FolderScan.maximumDepth - 1).joined(separator: "/")
        try fixture.write("dir/\(deep)/x", count: 1)
        #expect(try scan().files.count == 1)
        try fixture.write("dir/\(deep)/d/x", count: 1)
        #expect(throws: CreationError.self) { try scan() }
    }
}
