#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What went wrong on the disk, and where. Its description says what failed, why, and what to do about it.
public struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// No space or no quota left.
        case diskFull
        /// The file system or a limit of the user does not allow a file of this size.
        case fileTooLarge
        /// The file or folder is not there, or was removed while in use.
        case missing
        case notPermitted
        /// The file system is mounted read-only.
        case readOnly
        case tooManyOpenFiles
        /// A symbolic link or something that is not a folder stands in the path, so writing could lead outside.
        case unsafePath
        /// Something else is already where the file should go: a folder, a device, or a file that must not be replaced.
        case occupied
        /// The file is shorter than it should be or was changed while in use.
        case changed
        /// The halves of a hybrid torrent disagree (BEP 52).
        case inconsistent
        /// The request or the recorded data makes no sense for this torrent; the text says why.
        case invalid(String)
        /// The store was closed before the job ran.
        case closed
        /// Any other error number of the system.
        case io(Int32)
    }

    public let kind: Kind
    /// The file or folder concerned.
    public let path: String

    public init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    /// Maps an `errno` value.
    public init(errno code: Int32, path: String) {
        self.init(kind: Kind(errno: code), path: path)
    }

    public var description: String {
        switch kind {
        case .diskFull:
            "cannot write \(path), the disk is full, free some space and start again"
        case .fileTooLarge:
            "cannot write \(path), the file system does not take a file this large, choose another folder"
        case .missing:
            "cannot use \(path), it is not there, put it back or choose another folder"
        case .notPermitted:
            "cannot use \(path), permission denied, change its permissions or choose another folder"
        case .readOnly:
            "cannot write \(path), the file system is read-only, choose another folder"
        case .tooManyOpenFiles:
            "cannot open \(path), too many files are open, raise the limit (ulimit -n) or close other programs"
        case .unsafePath:
            "cannot use \(path), a link or a file stands where a folder should be, remove it or choose another folder"
        case .occupied:
            "cannot use \(path), something else is in its place, move it away or choose another folder"
        case .changed:
            "cannot read \(path), it was changed since it was looked at, restore it or start again with it as it is now"
        case .inconsistent:
            "cannot fetch \(path), the v1 and v2 halves of its torrent describe different content, get another torrent of it"
        case .invalid(let reason):
            "cannot use \(path), \(reason), check what was given"
        case .closed:
            "cannot use \(path), the share was closed, start it again"
        case .io(let code):
            "cannot use \(path), \(Self.systemText(code)), check the disk and the system log"
        }
    }

    private static func systemText(_ code: Int32) -> String {
        // For the numbers a system call returns, both libraries hand out text that nobody writes to.
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

extension StorageError.Kind {
    /// Maps an `errno` value.
    public init(errno code: Int32) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull
        case EFBIG: self = .fileTooLarge
        case ENOENT, ESTALE: self = .missing
        case EACCES, EPERM: self = .notPermitted
        case EROFS: self = .readOnly
        case EMFILE, ENFILE: self = .tooManyOpenFiles
        case ELOOP, ENOTDIR: self = .unsafePath
        case EISDIR, EEXIST, ENXIO, ETXTBSY: self = .occupied
        default: self = .io(code)
        }
    }
}
