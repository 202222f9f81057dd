import Metainfo

extension ContentStore {
    /// Whether a staged version is ready for the switch.
    public enum StagedState: Sendable, Equatable {
        /// It is, with files like this: for `VersionSwitch.begin`.
        case whole(stamps: [FileStamp?])
        /// These pieces are not there any more, since somebody changed files that they were in. They are forgotten and
        /// have to be fetched.
        case lacking([PieceIndex])
    }

    /// To be called when all pieces are verified: finds out what was changed since, then finishes and synchronises.
    ///
    /// Files that the user has by another name may have been written to at any time, and only reading tells what is
    /// left of them. Nothing of theirs is written to.
    public func complete(_ staged: StagedVersion) async throws -> StagedState {
        while true {
            let now = await pool.value { self.stamps() }
            let pieces = staged.changedFiles(now: now).flatMap { info.layout.pieces(of: $0) }
            if !pieces.isEmpty {
                let good = try await check(pieces: pieces.map { PieceIndex($0) })
                let lacking = Set(pieces).subtracting(good.map(\.rawValue)).sorted().map { PieceIndex($0) }
                for piece in lacking { forget(piece: piece) }
                if !lacking.isEmpty { return .lacking(lacking) }
            }
            let result = await pool.value {
                Result { () throws(StorageError) in
                    try self.finish()
                    try self.synchronize()
                    return self.stamps()
                }
            }
            let last = try result.get()
            // What changed while it was looked at is looked at again. Files without data came only now.
            if zip(now, last).allSatisfy({ $0 == nil || $0 == $1 }) { return .whole(stamps: last) }
            try Task.checkCancellation()
        }
    }
}
