import Metainfo
import Storage
import SwarmEngine
import Testing

@testable import Host

@Suite("Which files are wanted, and how much of them is there")
struct SelectionTests {
    @Test(
        "Patterns choose by whole path, by name and by folder",
        arguments: [
            (["*.pdf"], ["one.pdf", "week 1/two.pdf"]),
            (["one.pdf"], ["one.pdf"]),
            (["two.pdf"], ["week 1/two.pdf"]),
            (["week 1"], ["week 1/notes/a.txt", "week 1/two.pdf"]),
            (["week 1/"], ["week 1/notes/a.txt", "week 1/two.pdf"]),
            (["week 1/notes"], ["week 1/notes/a.txt"]),
            (["week ?/*.pdf"], ["week 1/two.pdf"]),
            (["[no]*"], ["one.pdf"]),
            (["a.txt", "film.mp4"], ["film.mp4", "week 1/notes/a.txt"]),
            (["*"], ["film.mp4", "one.pdf", "week 1/notes/a.txt", "week 1/two.pdf"]),
        ] as [([String], [String])])
    func patterns(_ patterns: [String], _ expected: [String]) async throws {
        let info = try await lectures(.hybrid)
        let selection = try FileSelection(patterns: patterns, numbers: nil, in: info)
        #expect(names(selection, info) == expected)
    }

    @Test(
        "Patterns that match nothing are refused",
        arguments: ["*.PDF", "", "/nothing.pdf", "../one.pdf", "week 1/x", "["])
    func noMatch(_ pattern: String) async throws {
        let info = try await lectures(.v1)
        #expect(throws: TransferError.self) { try FileSelection(patterns: [pattern], numbers: nil, in: info) }
    }

    @Test("Numbers count files without padding; those beyond the end do no harm")
    func numbers() async throws {
        let info = try await lectures(.hybrid)
        #expect(info.files.contains { $0.isPadding })
        let some = try FileSelection(patterns: [], numbers: [1...1, 3...Int.max], in: info)
        #expect(names(some, info) == ["one.pdf", "week 1/two.pdf"])
        #expect(throws: TransferError.self) { try FileSelection(patterns: [], numbers: [4...9], in: info) }
        #expect(throws: TransferError.self) { try FileSelection(patterns: [], numbers: [], in: info) }
    }

    @Test("Without patterns and numbers everything is wanted; patterns win over numbers")
    func all() async throws {
        let info = try await lectures(.v1)
        let everything = try FileSelection(patterns: [], numbers: nil, in: info)
        #expect(everything.files == nil)
        #expect(everything.contains(FileIndex(0)))
        let both = try FileSelection(patterns: ["one.pdf"], numbers: [0...0], in: info)
        #expect(names(both, info) == ["one.pdf"])
    }

    // MARK: Progress

    @Test("Every byte is counted once, in each format, in any order", arguments: TorrentFormat.allCases)
    func countsEverything(_ format: TorrentFormat) async throws {
        let info = try await lectures(format)
        let selection = try FileSelection(patterns: [], numbers: nil, in: info)
        var progress = TransferProgress(
            info: info, selection: selection, have: PieceSet(capacity: info.layout.pieceCount))
        #expect(progress.done == 0 && progress.total == info.totalSize)
        for piece in (0..<info.layout.pieceCount).reversed() {
            progress.add(PieceIndex(piece))
            progress.add(PieceIndex(piece))
        }
        #expect(progress.done == info.totalSize)
        #expect(progress.takeCompletedFiles() == 4)
        #expect(progress.takeCompletedFiles() == 0)
        progress.remove(PieceIndex(0))
        progress.remove(PieceIndex(0))
        #expect(progress.done < info.totalSize)
        progress.add(PieceIndex(0))
        #expect(progress.done == info.totalSize)
        progress.add(PieceIndex(info.layout.pieceCount))
        #expect(progress.done == info.totalSize)
    }

    @Test("A v1 piece over several small files completes all of them, and counts only what is wanted")
    func smallFilesInOnePiece() async throws {
        let scratch = try Scratch()
        for number in 0..<5 { try scratch.write("Set/\(number)", count: 1000, seed: UInt64(number + 1)) }
        try scratch.write("Set/last", count: 20_000)
        let info = try await scratch.torrent(of: "Set", format: .v1).torrent.info
        let selection = try FileSelection(patterns: ["1", "3", "last"], numbers: nil, in: info)
        var progress = TransferProgress(
            info: info, selection: selection, have: PieceSet(capacity: info.layout.pieceCount))
        #expect(progress.total == 22_000)
        progress.add(PieceIndex(0))
        // Two small ones, and what of the last file lies in the first piece.
        #expect(progress.done == 2000 + (16384 - 5000))
        #expect(progress.takeCompletedFiles() == 5)
        #expect((0..<5).allSatisfy { progress.isComplete(FileIndex($0)) })
        #expect(!progress.isComplete(FileIndex(5)))
        progress.add(PieceIndex(1))
        #expect(progress.done == 22_000)
        #expect(progress.isComplete(FileIndex(5)))
        progress.remove(PieceIndex(1))
        #expect(!progress.isComplete(FileIndex(5)))
        #expect(!progress.isComplete(FileIndex(99)))
    }

    @Test("What was there from the start counts as done and completes nothing anew")
    func startsWithSome() async throws {
        let info = try await lectures(.v2)
        let selection = try FileSelection(patterns: [], numbers: nil, in: info)
        var progress = TransferProgress(
            info: info, selection: selection, have: PieceSet(fullWithCapacity: info.layout.pieceCount))
        #expect(progress.done == info.totalSize)
        #expect(progress.takeCompletedFiles() == 0)
    }

    // MARK: Where to listen

    @Test(
        "Addresses to listen on are read as written",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:0", "::1", 0), (":27272", "::", 27272),
            ("name.example:1", "name.example", 1), ("[fe80::1%eth0]:9", "fe80::1%eth0", 9),
        ] as [(String, String, UInt16)])
    func listenPreference(_ text: String, _ host: String, _ port: UInt16) throws {
        #expect(try ListenPreference(parsing: text) == .address(host: host, port: port))
    }

    @Test(
        "What is no address to listen on is refused", arguments: ["", "80", "::1:80", "a:65536", "a:-1", "a:", "a:b"])
    func noListenPreference(_ text: String) {
        #expect(throws: ListenPreference.ParsingError(text: text)) { try ListenPreference(parsing: text) }
    }

    // MARK: Helpers

    /// Four files of odd lengths, 16 KiB pieces.
    private func lectures(_ format: TorrentFormat) async throws -> TorrentInfo {
        let scratch = try Scratch()
        try scratch.write("Lectures/one.pdf", count: 20_001, seed: 1)
        try scratch.write("Lectures/week 1/two.pdf", count: 100, seed: 2)
        try scratch.write("Lectures/week 1/notes/a.txt", count: 33_000, seed: 3)
        try scratch.write("Lectures/film.mp4", count: 50_000, seed: 4)
        return try await scratch.torrent(of: "Lectures", format: format).torrent.info
    }

    private func names(_ selection: FileSelection, _ info: TorrentInfo) -> [String] {
        info.files.indices.filter { selection.contains(FileIndex($0)) && !info.files[$0].isPadding }
            .map { info.files[$0].path.joined(separator: "/") }.sorted()
    }
}
