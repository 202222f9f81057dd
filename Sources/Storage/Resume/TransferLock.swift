import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps two processes, or two transfers of one process, from writing the same torrent into the same folder.
///
/// A lock file for each known hash, locked with `flock`: the lock goes with the process, however it ends.
/// Released when the last reference goes.
public final class TransferLock: Sendable {
    /// Somebody else has the lock, or the lock file could not be made.
    public enum LockError: Error, Sendable, Equatable, CustomStringConvertible {
        case taken(directory: String)
        case storage(StorageError)

        public var description: String {
            switch self {
            case .taken(let directory):
                "cannot fetch into \(directory), it is already being fetched by another duplex, wait for it or stop it"
            case .storage(let error):
                error.description
            }
        }
    }

    private let state: StateDirectory
    private let directory: String
    /// Descriptors by path.
    private let held = Mutex<[String: Int32]>([:])

    /// - Parameter directory: the folder that is fetched into; create it first, so that its path is final.
    public init(_ state: StateDirectory, hashes: InfoHashes, directory: String) throws(LockError) {
        self.state = state
        self.directory = directory
        try add(hashes)
    }

    /// Locks the place of a share whose versions are brought there: its name in a folder.
    public init(_ state: StateDirectory, versionsOf name: String, in directory: String) throws(LockError) {
        self.state = state
        self.directory = directory
        let folder = TransferName.digest(ofFolder: directory)
        let path = "\(state.transfers)/versions.\(folder).\(TransferName.digest(of: name)).lock"
        try held.withLock { held throws(LockError) in held[path] = try Self.lock(path, directory) }
    }

    deinit {
        held.withLock { held in
            for (path, descriptor) in held {
                // While it is locked nobody else can hold it; who opened it meanwhile notices that it is gone.
                unlink(path)
                close(descriptor)
            }
        }
    }

    /// Also locks hashes that became known later, such as the second one of a hybrid once the metadata is there.
    public func add(_ hashes: InfoHashes) throws(LockError) {
        let destination = TransferName.digest(ofFolder: directory)
        for hash in [hashes.v1?.hex, hashes.v2?.hex].compactMap(\.self) {
            let path = "\(state.transfers)/\(hash).\(destination).lock"
            try held.withLock { held throws(LockError) in
                if held[path] == nil { held[path] = try Self.lock(path, directory) }
            }
        }
    }

    private static func lock(_ path: String, _ directory: String) throws(LockError) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .storage(StorageError(errno: errno, path: path)) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EINTR { continue }
                throw code == EWOULDBLOCK
                    ? .taken(directory: directory) : .storage(StorageError(errno: code, path: path))
            }
            // The holder before may have removed the file between the two calls; then this is a lock on nothing.
            var opened = stat()
            if fstat(descriptor, &opened) == 0, FileStamp(opened)?.inode == FileStamp(path: path)?.inode {
                return descriptor
            }
            close(descriptor)
        }
    }
}
