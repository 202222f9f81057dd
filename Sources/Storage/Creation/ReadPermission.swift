#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether this process may read a file that it has the status of, without opening it.
///
/// The system is asked only where the bits do not settle it. An owner may do what the owner's bits say, whatever a list
/// adds, and most shared files are their user's own. Of others not even bits for everybody suffice, since a list may take
/// one user or group out; and bits that forbid do not bind the superuser.
struct ReadPermission: Equatable {
    private let user = geteuid()

    /// 0 if it may, otherwise the system's error number.
    ///
    /// - Parameter name: relative to `folder`, an open one.
    func refusal(of name: String, in folder: Int32, _ status: stat) -> Int32 {
        if status.st_mode & S_IRUSR != 0, status.st_uid == user { return 0 }
        return faccessat(folder, name, R_OK, AT_EACCESS) == 0 ? 0 : errno
    }
}
