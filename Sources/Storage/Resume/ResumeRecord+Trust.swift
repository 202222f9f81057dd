import Metainfo

/// What a ``ResumeRecord`` still proves once the files have been looked at.
public struct ResumeTrust: Sendable, Equatable {
    /// Pieces that need no further look, as a BEP 3 bitfield.
    public let trusted: [UInt8]
    /// Pieces that may be there and must be hashed before they count, ascending. Holes can be skipped.
    public let piecesToCheck: [PieceIndex]
    /// The files because of which ``piecesToCheck`` are checked.
    public let changedFiles: [FileIndex]
    /// Files that are wanted and not there, because they were removed or never begun.
    public let missingFiles: [FileIndex]
}

extension ResumeRecord {
    private enum Condition {
        case unchanged
        case changed
        case missing
    }

    /// Compares the record with the files as they are now.
    ///
    /// - Parameters:
    ///   - stamps: one for each file of `torrent.info.files`, nil where there is none.
    ///   - spill: the stamp of the side file now.
    ///   - wanted: the files that the user asks for now, nil for all. What a store keeps of a file is in the side file
    ///     or in the file itself depending on this, so a change of mind costs the pieces at the borders of that file.
    public func trustedPieces(
        stamps current: [FileStamp?], spill: FileStamp? = nil, wanted: Set<FileIndex>? = nil
    ) -> ResumeTrust {
        let info = torrent.info
        var trusted = Bitfield(bytes: verified, count: info.layout.pieceCount)
        var toCheck = Bitfield(count: info.layout.pieceCount)
        var unavailable = Bitfield(count: info.layout.pieceCount)
        var changed: [FileIndex] = []
        var missing: [FileIndex] = []
        for (number, file) in info.files.enumerated() where !file.isPadding && file.length > 0 {
            let index = FileIndex(number)
            let isWanted = wanted?.contains(index) ?? true
            let recorded = stamps.indices.contains(number) ? stamps[number] : nil
            let now = current.indices.contains(number) ? current[number] : nil
            let condition: Condition
            switch (self.wanted?.contains(index) ?? true, isWanted) {
            case (true, true): condition = Self.compare(recorded, now)
            case (false, false): condition = Self.compare(spillStamp, spill)
            // What there is of the file is not where it will be looked for.
            case (false, true): condition = now == nil ? .missing : .changed
            case (true, false): condition = .missing
            }
            switch condition {
            case .unchanged:
                continue
            case .changed:
                if isWanted { changed.append(index) }
                for piece in info.layout.pieces(of: index) { toCheck.insert(piece) }
            case .missing:
                if isWanted { missing.append(index) }
                for piece in info.layout.pieces(of: index) { unavailable.insert(piece) }
            }
        }
        toCheck.subtract(unavailable)
        trusted.subtract(unavailable)
        trusted.subtract(toCheck)
        return ResumeTrust(
            trusted: trusted.bytes, piecesToCheck: toCheck.members.map { PieceIndex($0) }, changedFiles: changed,
            missingFiles: missing)
    }

    private static func compare(_ recorded: FileStamp?, _ now: FileStamp?) -> Condition {
        guard let now else { return .missing }
        return recorded == now ? .unchanged : .changed
    }
}
