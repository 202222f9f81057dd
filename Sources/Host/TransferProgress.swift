import Metainfo
import SwarmEngine

/// Counts verified bytes of wanted files, and tells when a file becomes complete.
struct TransferProgress {
    private(set) var done: Int64 = 0
    let total: Int64
    private let layout: PieceLayout
    private let selection: FileSelection
    private var have: PieceSet
    /// Pieces that each file still lacks.
    private var missing: [Int32]
    /// Files that became complete since ``takeCompletedFiles()``.
    private var completedFiles = 0

    init(info: TorrentInfo, selection: FileSelection, have: PieceSet) {
        layout = info.layout
        self.selection = selection
        self.have = PieceSet(capacity: have.capacity)
        var total: Int64 = 0
        missing = [Int32](repeating: 0, count: info.files.count)
        for (index, file) in info.files.enumerated() where !file.isPadding {
            missing[index] = Int32(clamping: info.layout.pieces(of: FileIndex(index)).count)
            if selection.contains(FileIndex(index)) { total += file.length }
        }
        self.total = total
        if have.isFull {
            self.have = have
            missing = [Int32](repeating: 0, count: missing.count)
            done = total
        } else {
            have.forEach { add($0) }
        }
        completedFiles = 0
    }

    mutating func add(_ piece: PieceIndex) {
        guard have.insert(piece) else { return }
        done += wantedBytes(of: piece, fileChange: -1)
    }

    mutating func remove(_ piece: PieceIndex) {
        guard have.remove(piece) else { return }
        done -= wantedBytes(of: piece, fileChange: 1)
    }

    /// The verified pieces, as the resume record has them.
    var bitfield: [UInt8] { have.bitfield }

    func isComplete(_ file: FileIndex) -> Bool {
        missing.indices.contains(file.rawValue) && missing[file.rawValue] == 0
    }

    mutating func takeCompletedFiles() -> Int {
        defer { completedFiles = 0 }
        return completedFiles
    }

    private mutating func wantedBytes(of piece: PieceIndex, fileChange: Int32) -> Int64 {
        var bytes: Int64 = 0
        for segment in layout.segments(piece, offset: 0, length: layout.pieceSize(piece)) {
            guard let file = segment.file else { continue }
            missing[file.rawValue] += fileChange
            if missing[file.rawValue] == 0 { completedFiles += 1 }
            if selection.contains(file) { bytes += Int64(segment.length) }
        }
        return bytes
    }
}
