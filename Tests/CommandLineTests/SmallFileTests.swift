import Testing

@testable import duplex

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct SmallFileTests {
    @Test func existingFilesAreReplacedOnlyWhenAskedTo() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.torrent"
        try SmallFile.write([1, 2, 3], to: path, replacing: false)
        #expect(throws: SmallFile.Failure.exists) { try SmallFile.write([4], to: path, replacing: false) }
        #expect(try SmallFile.read(path, limit: 100) == [1, 2, 3])
        try SmallFile.write([4], to: path, replacing: true)
        #expect(try SmallFile.read(path, limit: 100) == [4])
        #expect(folder.names == ["a.torrent"])
    }

    @Test func onlyRegularFilesAreReplaced() throws {
        let folder = try TemporaryFolder()
        let (file, link) = (folder.path + "/file", folder.path + "/link")
        try SmallFile.write([1], to: file, replacing: false)
        symlink(file, link)
        #expect(FolderPath.obstacle(file) == nil)
        #expect(FolderPath.obstacle(folder.path + "/none") == nil)
        #expect(FolderPath.obstacle(folder.path) == "it is a folder")
        #expect(FolderPath.obstacle("/dev/null")?.hasPrefix("it is a device") == true)
        #expect(throws: SmallFile.Failure(description: "it is a symbolic link")) {
            try SmallFile.write([4], to: link, replacing: true)
        }
        #expect(try SmallFile.read(link, limit: 100) == [1])
        #expect(folder.names.sorted() == ["file", "link"])
    }

    @Test func whatIsTooLargeOrNotThereIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a"
        try SmallFile.write([UInt8](repeating: 7, count: 1000), to: path, replacing: false)
        #expect(throws: SmallFile.Failure.self) { try SmallFile.read(path, limit: 999) }
        #expect(try SmallFile.read(path, limit: 1000).count == 1000)
        #expect(throws: SmallFile.Failure.system(ENOENT)) { try SmallFile.read(folder.path + "/b", limit: 10) }
        #expect(throws: SmallFile.Failure.system(EISDIR)) { try SmallFile.read(folder.path, limit: 10) }
        #expect(throws: SmallFile.Failure.self) {
            try SmallFile.write([1], to: folder.path + "/none/x", replacing: true)
        }
    }

    @Test func foldersAreMadeWithTheirParents() throws {
        let folder = try TemporaryFolder()
        try FolderPath.create(folder.path + "/a/b//c/")
        #expect(FolderPath.isFolder(folder.path + "/a/b/c"))
        try FolderPath.create(folder.path + "/a/b/c")
        try SmallFile.write([1], to: folder.path + "/file", replacing: false)
        #expect(throws: CommandFailure.self) { try FolderPath.create(folder.path + "/file") }
        #expect(throws: CommandFailure.self) { try FolderPath.create(folder.path + "/file/below") }
        #expect(throws: CommandFailure.self) { try FolderPath.create("") }
    }
}
