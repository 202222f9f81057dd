import Metainfo

/// How the files of a scan are cut into pieces, and the pieces into units of work that can be hashed side by side.
///
/// In v2 and hybrid torrents every file starts a piece of its own (BEP 52); in v1 the pieces run across the files.
struct HashPlan: Sendable {
    /// Bytes that one file gives to a unit.
    struct Part: Sendable, Equatable {
        let file: Int
        let offset: Int64
        let length: Int64
    }

    /// A run of whole pieces, hashed by one worker in one go.
    struct Unit: Sendable, Equatable {
        let firstPiece: Int
        let parts: [Part]
    }

    let scan: FolderScan
    let format: TorrentFormat
    let pieceLength: Int
    let pieceCount: Int
    /// The first piece of each file; only meaningful for v2 and hybrid. Has one more entry than there are files.
    let firstPieces: [Int]
    let units: [Unit]
    /// Bytes that the units read.
    let bytesToHash: Int64

    /// Those that the units read.
    var filesToHash: Set<Int> { Set(units.lazy.flatMap(\.parts).map(\.file)) }

    /// Whether the last piece of each file is hashed with zeros up to its full length, as SHA-1 of v1: a hybrid of
    /// several files has padding after each one (BEP 47), where a single file ends as it ends.
    var padsLastPieces: Bool { format == .hybrid && scan.files.count > 1 }

    /// Large enough that handing out work costs nothing, small enough that all workers end at about the same time.
    private static let unitLength: Int64 = 4 << 20
    /// Opening files is what takes the time with small ones.
    private static let maximumPartsPerUnit = 128

    /// - Parameter known: for each file whether its hashes are known already; empty if none are. v2 and hybrid only.
    init(scan: FolderScan, format: TorrentFormat, pieceLength: Int, skipping known: [Bool] = []) {
        self.scan = scan
        self.format = format
        self.pieceLength = pieceLength
        let length = Int64(pieceLength)
        var firstPieces = [0]
        for file in scan.files {
            firstPieces.append((firstPieces.last ?? 0) + Int((file.stamp.size + length - 1) / length))
        }
        self.firstPieces = firstPieces
        if format == .v1 {
            pieceCount = Int((scan.totalSize + length - 1) / length)
            units = Self.unitsAcrossFiles(scan.files, pieceLength: length)
        } else {
            pieceCount = firstPieces.last ?? 0
            units = Self.unitsOfFiles(scan.files, firstPieces, pieceLength: length, skipping: known)
        }
        bytesToHash = units.reduce(0) { $1.parts.reduce($0) { $0 + $1.length } }
    }

    private static func unitsOfFiles(
        _ files: [ScannedFile], _ firstPieces: [Int], pieceLength: Int64, skipping known: [Bool]
    ) -> [Unit] {
        let step = max(1, unitLength / pieceLength) * pieceLength
        var units: [Unit] = []
        var parts: [Part] = []
        var firstPiece = 0
        var bytes: Int64 = 0
        func flush() {
            if !parts.isEmpty { units.append(Unit(firstPiece: firstPiece, parts: parts)) }
            parts = []
            bytes = 0
        }
        for (index, file) in files.enumerated() {
            if !known.isEmpty, known[index] {
                // The pieces of a unit are consecutive.
                flush()
                continue
            }
            var offset: Int64 = 0
            while offset < file.stamp.size {
                let length = min(step, file.stamp.size - offset)
                if bytes + length > step || parts.count >= maximumPartsPerUnit { flush() }
                if parts.isEmpty { firstPiece = firstPieces[index] + Int(offset / pieceLength) }
                parts.append(Part(file: index, offset: offset, length: length))
                bytes += length
                offset += length
            }
        }
        flush()
        return units
    }

    private static func unitsAcrossFiles(_ files: [ScannedFile], pieceLength: Int64) -> [Unit] {
        let step = max(1, unitLength / pieceLength) * pieceLength
        var units: [Unit] = []
        var parts: [Part] = []
        var start: Int64 = 0
        var position: Int64 = 0
        func flush() {
            if !parts.isEmpty { units.append(Unit(firstPiece: Int(start / pieceLength), parts: parts)) }
            parts = []
            start = position
        }
        for (index, file) in files.enumerated() {
            var offset: Int64 = 0
            while offset < file.stamp.size {
                // Many small files end the unit at the next border of a piece rather than after `step` bytes.
                let unit = parts.count >= maximumPartsPerUnit ? pieceLength : step
                let left = unit - (position - start) % unit
                let length = min(left, file.stamp.size - offset)
                parts.append(Part(file: index, offset: offset, length: length))
                position += length
                offset += length
                if length == left { flush() }
            }
        }
        flush()
        return units
    }
}
