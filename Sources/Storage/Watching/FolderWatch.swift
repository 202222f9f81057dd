/// Watches files and folder trees, and tells of changes once they have settled.
///
/// On Linux the kernel tells (inotify): one descriptor and one serial queue for everything that is watched, a watch for
/// each folder, none for files, no work while nothing changes. Elsewhere, and for a tree for which the kernel's limits
/// do not suffice, sizes and times are looked at every `rescanInterval`.
///
/// Symbolic links are not followed, and what is left out of shares (see ``OmittedEntry``) wakes nobody. Reading files
/// is no change. Watch first and scan afterwards: so no change falls between the two.
public final class FolderWatch<ID: Hashable & Sendable>: Sendable {
    /// For one reader. Ends with ``stop()``.
    public let events: AsyncStream<FolderEvent<ID>>
    private let core: WatchCore<ID>

    public init(options: FolderWatchOptions = FolderWatchOptions()) {
        let (stream, continuation) = AsyncStream.makeStream(of: FolderEvent<ID>.self)
        events = stream
        core = WatchCore(options: options, continuation: continuation)
        core.start()
    }

    deinit { core.stop() }

    /// Begins to watch the file or folder at a path, and returns at once; an ID that is in use is given the new path.
    ///
    /// If nothing is there it has vanished, which is told.
    public func watch(_ path: String, id: ID) {
        core.watch(path, id: id)
    }

    /// No event of this ID is put into ``events`` later than shortly after this.
    public func unwatch(_ id: ID) {
        core.unwatch(id)
    }

    /// How many folders are watched now, and what cannot be.
    public var figures: WatchFigures { core.figures }

    /// Ends all watching.
    public func stop() {
        core.stop()
    }
}

/// What a ``FolderWatch`` watches, and how.
public struct WatchFigures: Sendable, Hashable {
    /// Folders of which the system tells: those of all trees, and those that lead to them.
    public var folders = 0
    /// Trees that are looked through by time instead.
    public var rescanned = 0
    /// The name of the system's limit that was reached, such as `max_user_watches`.
    public var reachedLimit: String?
}
