import Metainfo

/// Why a file or folder cannot be made into a torrent. Its description says what failed, why, and what to do about it.
public enum CreationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file or folder could not be read.
    case storage(StorageError)
    /// There is no file at all below the path, or all of them were left out.
    case nothingToShare(path: String, omitted: Int)
    /// Nothing that has data is left, since this user may not read these entries below the path.
    case nothingReadable(path: String, entries: String)
    /// The path is neither a file nor a folder that has a name; the text says what it is.
    case notShareable(path: String, reason: String)
    /// Folders inside folders, deeper than ``FolderScan/maximumDepth``.
    case tooDeep(path: String)
    /// The size or time of a file changed, or it ended early, while it was hashed.
    case changedWhileRead(path: String)
    /// The piece length is not one that the format allows; the text says what is.
    case invalidPieceLength(Int, reason: String)
    /// The torrent made of the files is not valid.
    case metainfo(MetainfoError)
    /// The task was cancelled.
    case cancelled

    /// The reason of ``notShareable(path:reason:)`` for a folder in which every file is empty.
    public static let onlyEmptyFiles = "there is no data in it, only empty files"

    public var description: String {
        switch self {
        case .storage(let error) where error.kind == .missing:
            "cannot share \(error.path), there is no such file or folder, check the path"
        case .storage(let error):
            error.description
        case .nothingToShare(let path, let omitted):
            omitted == 0
                ? "cannot share \(path), there is no file in it, put the files there first"
                : "cannot share \(path), all it holds (\(omitted)) is left out, name the files one by one"
        case .nothingReadable(let path, let entries):
            "cannot share \(path), what is in it may not be read (permission denied): \(entries), change the permissions or "
                + "choose another folder"
        case .notShareable(let path, let reason):
            "cannot share \(path), \(reason), choose a file or a folder"
        case .tooDeep(let path):
            "cannot share \(path), more than \(FolderScan.maximumDepth) folders inside each other, share an inner one"
        case .changedWhileRead(let path):
            "cannot share \(path), it changed while it was read, wait until nothing writes to it and share it again"
        case .invalidPieceLength(let length, let reason):
            "cannot use a piece length of \(length), \(reason), leave it out to have one chosen"
        case .metainfo(let error):
            "cannot make a torrent, \(error), check the files"
        case .cancelled:
            "stopped"
        }
    }
}

extension CreationError {
    /// Whether this user may not read something.
    public var isRefusal: Bool {
        guard case .storage(let error) = self else { return false }
        return error.kind == .notPermitted
    }
}
