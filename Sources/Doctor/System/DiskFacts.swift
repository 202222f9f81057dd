#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The disk under a folder.
struct DiskFacts: Sendable, Equatable {
    /// As the user knows it.
    var path: String
    /// The folder itself, or the nearest one above it that exists.
    var existingPath: String
    /// Bytes that this user may still write.
    var free: UInt64
    var total: UInt64
    /// 0 if the file system does not count them.
    var files: UInt64
    var freeFiles: UInt64
    var isReadOnly: Bool
    var isWritable: Bool
    /// `ext4`, `nfs4` and so on.
    var fileSystem: String?

    /// As the user would write it from anywhere.
    var shownPath: String { path.hasPrefix("/") ? path : existingPath }

    static func read(_ path: String, mounts: MountTable?) throws(LookFailure) -> DiskFacts {
        let existing = try nearest(path)
        var disk = statvfs()
        guard statvfs(existing, &disk) == 0 else {
            throw LookFailure("\(existing) cannot be examined: \(SystemError.text(errno))")
        }
        let unit = UInt64(disk.f_frsize)
        return DiskFacts(
            path: path, existingPath: existing, free: UInt64(disk.f_bavail).multipliedClamped(by: unit),
            total: UInt64(disk.f_blocks).multipliedClamped(by: unit), files: UInt64(disk.f_files),
            freeFiles: UInt64(disk.f_favail), isReadOnly: UInt(disk.f_flag) & 1 != 0,
            isWritable: access(existing, W_OK) == 0, fileSystem: mounts?.type(of: existing))
    }

    /// Symbolic links resolved. Nothing is made: the folder itself may come later.
    private static func nearest(_ path: String) throws(LookFailure) -> String {
        var candidate = path.isEmpty ? "." : path
        while true {
            if let resolved = resolve(candidate) { return resolved }
            guard errno == ENOENT || errno == ENOTDIR else {
                throw LookFailure("\(candidate) cannot be examined: \(SystemError.text(errno))")
            }
            let parts = candidate.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let above = parts.joined(separator: "/")
            candidate = above.isEmpty ? (candidate.hasPrefix("/") ? "/" : ".") : above
        }
    }

    private static func resolve(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard realpath(path, &buffer) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension UInt64 {
    fileprivate func multipliedClamped(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
