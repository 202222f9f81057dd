import Metainfo
import NIOCore
import Storage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ContentStoreTroubleTests {
    @Test(arguments: ["root", "root/b", "root/a"])
    func noLinkLeadsOutside(_ link: String) async throws {
        let folder = try ScratchFolder()
        let outside = try ScratchFolder()
        try outside.write([1, 2, 3], to: "a")
        if link != "root" { try folder.makeFolder("root") }
        let target = link == "root/a" ? "\(outside.path)/a" : outside.path
        #expect(symlink(target, "\(folder.path)/\(link)") == 0)
        let fixture = try ContentFixture.tree(.v1)
        let store = try fixture.store(in: folder.path)
        let failures = await store.write(fixture.allBlocks).failures
        #expect(!failures.isEmpty)
        #expect(failures.allSatisfy { $0.kind == .unsafePath })
        #expect(outside.read("a") == [1, 2, 3])
        #expect(!outside.exists("deep"))
        await #expect(throws: StorageError.self) { try await store.check() }
    }

    @Test func aLongerFileOfTheSameNameIsNotTouched() async throws {
        let folder = try ScratchFolder()
        let other = ContentFixture.bytes(200_000, seed: 8)
        try folder.write(other, to: "one")
        let fixture = try ContentFixture.single(.v2)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.blocks(of: PieceIndex(0))).failures.map(\.kind) == [.occupied])
        #expect(folder.read("one") == other)
    }

    /// Longer, shorter and as long as it was: all of it is kept, and what may still be good stays to be completed.
    @Test(arguments: [200_000, 10, 100_000])
    func whatItsUserHasChangedIsKeptBeside(_ length: Int) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.hybrid)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).failures.isEmpty)
        let file = try #require(fixture.info.files.firstIndex { $0.path == ["a"] })
        let others = ContentFixture.bytes(length, seed: 8)
        try folder.write(others, to: "root/a")
        let again = try fixture.store(in: folder.path)
        let (first, second) = (
            try again.keepBeside(FileIndex(file)), try again.keepBeside(FileIndex(file))
        )
        #expect(first.hasPrefix("\(folder.path)/root/a (kept 20") && first != second)
        #expect(folder.read(String(first.dropFirst(folder.path.count + 1))) == others)
        #expect(folder.read("root/a") == Array(others.prefix(100_000)))
        #expect(await again.write(fixture.allBlocks).failures.isEmpty)
        try again.finish()
        #expect(folder.read("root/a") == fixture.files[0].content)
    }

    @Test func aDirectoryThatIsNotThere() throws {
        let fixture = try ContentFixture.single(.v2)
        #expect(throws: StorageError(kind: .missing, path: "/nonexistent/here")) {
            try fixture.store(in: "/nonexistent/here")
        }
    }

    @Test(arguments: [false, true])
    func filesThatAreGoneAreSeenAndClosed(_ isMoved: Bool) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.hybrid)
        let files = FileTable()
        let store = try fixture.store(in: folder.path, files: files)
        // Nothing is there yet, and nothing was.
        #expect(!store.isGone())
        for piece in fixture.pieces {
            #expect(await store.write(fixture.blocks(of: piece)) == [.verified(piece)])
        }
        try store.finish()
        #expect(!store.isGone())
        let open = files.count
        #expect(open > 2)
        if isMoved {
            #expect(rename("\(folder.path)/root", "\(folder.path)/elsewhere") == 0)
        } else {
            FolderTree.remove("\(folder.path)/root")
        }
        #expect(store.isGone())
        // The directory alone.
        #expect(files.count <= 1)
        guard isMoved else { return }
        #expect(rename("\(folder.path)/elsewhere", "\(folder.path)/root") == 0)
        #expect(!store.isGone())
        #expect(try await store.check().count == fixture.pieces.count)
    }

    @Test func aFileOfManyThatIsDeletedIsClosedAndTheOthersStay() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v1)
        let files = FileTable()
        let store = try fixture.store(in: folder.path, files: files)
        for piece in fixture.pieces { _ = await store.write(fixture.blocks(of: piece)) }
        let open = files.count
        #expect(unlink("\(folder.path)/root/a") == 0)
        store.closeDeleted()
        #expect(files.count == open - 1)
        #expect(!store.isGone())
        // Nobody needs the others now. They are opened again when somebody does.
        store.closeFiles()
        #expect(files.count == 0)
        #expect(try await store.check().count < fixture.pieces.count)
        #expect(files.count > 0)
    }

    @Test(arguments: [1, 4, 128])
    func aVanishedFolderIsNotMadeAnew(_ limit: Int) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.hybrid)
        let store = try fixture.store(in: folder.path, files: FileTable(limit: limit))
        for piece in fixture.pieces.dropLast() {
            #expect(await store.write(fixture.blocks(of: piece)) == [.verified(piece)])
        }
        let last = fixture.pieces[fixture.pieces.count - 1]
        FolderTree.remove("\(folder.path)/root")
        #expect(await store.write(fixture.blocks(of: last)).failures.map(\.kind) == [.missing])
        store.forget(piece: last)
        #expect(await store.write(fixture.blocks(of: last)).failures.map(\.kind) == [.missing])
        #expect(!folder.exists("root/z"))
        #expect(throws: StorageError.self) { try store.synchronize() }

        // A new store starts over.
        let again = try fixture.store(in: folder.path)
        #expect(try await again.check().isEmpty)
        #expect(await again.write(fixture.allBlocks).verified == fixture.pieces)
    }

    @Test func manyFilesWithFewDescriptors() async throws {
        let folder = try ScratchFolder()
        let files = (0..<300).map { number in
            ContentFixture.File(
                path: ["d\(number / 50 + 100)", "f\(number + 1000)"],
                content: ContentFixture.bytes(500, seed: UInt64(number)))
        }
        let fixture = try ContentFixture(.v2, pieceLength: 16384, files)
        let table = FileTable(limit: 8)
        let store = try fixture.store(in: folder.path, files: table)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        #expect(table.count <= 8)
        try store.synchronize()
        #expect(try await fixture.store(in: folder.path, files: table).check() == fixture.pieces)
        #expect(table.count <= 8)
        store.close()
        for file in files { #expect(fixture.isOnDisk(file, below: folder)) }
    }

    /// What could not be saved is not taken for saved the next time.
    @Test func oneOfManyFilesThatIsGoneIsSaidEachTime() async throws {
        let folder = try ScratchFolder()
        let files = (0..<100).map { number in
            ContentFixture.File(path: ["d\(number / 20)", "f\(number + 100)"], content: [UInt8(number)])
        }
        let fixture = try ContentFixture(.v2, pieceLength: 16384, files)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        #expect(unlink("\(folder.path)/root/d3/f170") == 0)
        for _ in 0..<2 {
            let error = #expect(throws: StorageError.self) { try store.synchronize() }
            #expect(error?.kind == .missing)
        }
        try folder.write([70], to: "root/d3/f170")
        try store.synchronize()
    }

    @Test func aFullDiskLosesNothing() async throws {
        let folder = try ScratchFolder()
        guard mountMemory(on: folder, "size=192k") else { return }
        defer { unmount(folder) }
        let fixture = try ContentFixture.single(.hybrid)
        try folder.write([UInt8](repeating: 1, count: 120_000), to: "ballast")
        let store = try fixture.store(in: folder.path)
        var stored: [PieceIndex] = []
        var failed: [PieceIndex] = []
        for piece in fixture.pieces {
            switch await store.write(fixture.blocks(of: piece)).first {
            case .verified(piece)?: stored.append(piece)
            case .failedToStore(piece, let error)?:
                #expect(error.kind == .diskFull)
                #expect(error.description.contains("the disk is full, free some space"))
                failed.append(piece)
            case let other: Issue.record("\(String(describing: other))")
            }
        }
        #expect(stored.first == PieceIndex(0))
        #expect(!failed.isEmpty)

        #expect(unlink("\(folder.path)/ballast") == 0)
        for piece in failed { store.forget(piece: piece) }
        #expect(await store.write(failed.flatMap(fixture.blocks)).verified == failed)
        #expect(folder.read("one") == fixture.files[0].content)
        store.close()
    }

    @Test func aReadOnlyFileSystem() async throws {
        let folder = try ScratchFolder()
        guard mountMemory(on: folder, "ro") else { return }
        defer { unmount(folder) }
        let fixture = try ContentFixture.tree(.v1)
        let store = try fixture.store(in: folder.path)
        let failures = await store.write(fixture.blocks(of: PieceIndex(0))).failures
        #expect(failures.map(\.kind) == [.readOnly])
        store.close()
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
    func aFolderWithoutPermission() async throws {
        let folder = try ScratchFolder()
        #expect(chmod(folder.path, 0o555) == 0)
        defer { chmod(folder.path, 0o755) }
        let fixture = try ContentFixture.single(.v1)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.blocks(of: PieceIndex(0))).failures.map(\.kind) == [.notPermitted])
    }

    @Test func errorsSayWhatWhyAndWhatToDo() {
        let codes: [(Int32, StorageError.Kind)] = [
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EFBIG, .fileTooLarge), (ENOENT, .missing),
            (EACCES, .notPermitted), (EPERM, .notPermitted), (EROFS, .readOnly), (EMFILE, .tooManyOpenFiles),
            (ENFILE, .tooManyOpenFiles), (ELOOP, .unsafePath), (ENOTDIR, .unsafePath), (EISDIR, .occupied),
            (EIO, .io(EIO)),
        ]
        for (code, kind) in codes {
            let error = StorageError(errno: code, path: "/some/where")
            #expect(error.kind == kind)
            #expect(error.description.hasPrefix("cannot "))
            #expect(error.description.contains("/some/where, "))
            #expect(error.description.split(separator: ",").count >= 3)
        }
    }

    // MARK: - Small file systems, where the user may mount one

    private func mountMemory(on folder: ScratchFolder, _ options: String) -> Bool {
        #if canImport(Glibc)
            let flags: UInt = options == "ro" ? 1 : 0
            return mount("tmpfs", folder.path, "tmpfs", flags, options == "ro" ? "" : options) == 0
        #else
            return false
        #endif
    }

    private func unmount(_ folder: ScratchFolder) {
        #if canImport(Glibc)
            // Lazily: a descriptor may still be on its way to be closed.
            umount2(folder.path, 2)
        #endif
    }
}
