/// A file or folder that is below the shared folder but not part of the torrent, and why.
public struct OmittedEntry: Sendable, Equatable {
    public enum Reason: Sendable, Equatable, CaseIterable {
        /// Something that an operating system keeps for itself, such as `.DS_Store`.
        case systemFile
        /// A download or copy that is not finished.
        case partialFile
        /// What an editor leaves beside the file itself.
        case editorBackup
        /// Never followed, since it may lead outside of the folder.
        case symbolicLink
        /// A socket, pipe or device.
        case specialFile
        /// This user may not read it. What is in such a folder is not named, the folder is.
        case notPermitted
        /// The name is not text in UTF-8, or another computer could not use it (see `PathSafety`).
        case unusableName
        /// A torrent has files and no folders.
        case emptyFolder
    }

    /// Relative to the shared folder, with `/` between components; unreadable bytes appear as `�`.
    public let path: String
    public let reason: Reason

    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension OmittedEntry.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .systemFile: "kept by the system"
        case .partialFile: "not finished"
        case .editorBackup: "editor backup"
        case .symbolicLink: "symbolic link"
        case .specialFile: "not a regular file"
        case .notPermitted: "may not be read (permission denied)"
        case .unusableName: "name other computers cannot use"
        case .emptyFolder: "empty folder"
        }
    }
}
