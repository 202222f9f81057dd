#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes a state directory one running host's: no other may use it until this one has ended, however it ends.
public final class HostLock: Sendable {
    public enum LockError: Error, Sendable, Equatable, CustomStringConvertible {
        case taken(path: String)
        /// The state was written by a later Duplex.
        case newer(path: String, format: Int)
        case damaged(path: String)
        case storage(StorageError)

        public var description: String {
            switch self {
            case .taken(let path):
                "cannot start a host with the state in \(path), another one is running with it, "
                    + "stop that one or give this one another folder with --state DIR"
            case .newer(let path, let format):
                "cannot use the state in \(path), a newer version of Duplex wrote it (format \(format), this one "
                    + "knows \(HostLock.format)), use that version or another folder with --state DIR"
            case .damaged(let path):
                "cannot use the state in \(path), its file 'format' is damaged, "
                    + "write the line '\(HostLock.format)' into it if the folder is from this version"
            case .storage(let error): error.description
            }
        }
    }

    /// The format of the state directory that this version writes.
    public static let format = 1

    private let descriptor: Int32

    public init(_ state: StateDirectory) throws(LockError) {
        let path = state.path + "/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .storage(StorageError(errno: errno, path: path)) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(opened)
            throw code == EWOULDBLOCK ? .taken(path: state.path) : .storage(StorageError(errno: code, path: path))
        }
        do throws(LockError) {
            try Self.checkFormat(state)
        } catch {
            close(opened)
            throw error
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    private static func checkFormat(_ state: StateDirectory) throws(LockError) {
        let path = state.path + "/format"
        do throws(StorageError) {
            guard let bytes = try DurableFile.read(path, limit: 64) else {
                // What is there and too long was not written by any Duplex.
                if FileTime.exists(path) { throw StorageError(kind: .invalid("damaged"), path: path) }
                return try DurableFile.write(Array("\(format)\n".utf8), to: path)
            }
            let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            guard let found = Int(text), found > 0 else { throw StorageError(kind: .invalid("damaged"), path: path) }
            guard found <= format else { throw StorageError(kind: .invalid("\(found)"), path: path) }
        } catch {
            guard case .invalid(let text) = error.kind else { throw .storage(error) }
            throw Int(text).map { .newer(path: state.path, format: $0) } ?? .damaged(path: state.path)
        }
    }
}
