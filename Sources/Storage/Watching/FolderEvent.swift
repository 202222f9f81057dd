/// What a ``FolderWatch`` tells.
public enum FolderEvent<ID: Hashable & Sendable>: Sendable, Equatable {
    /// Something below the path changed, and has been quiet since or would not be for a long time.
    case changed(ID)
    /// The file or folder is no longer there: moved away, deleted, or its file system unmounted. It is looked for again
    /// by and by.
    case vanished(ID)
    /// What had vanished is there again, perhaps with other content.
    case returned(ID)
    /// Something that the user should know: what failed, why, what to do about it.
    case notice(String)
}
