#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opens a file for reading: a descriptor, or the system's error number below zero.
typealias ContentOpening = @Sendable (_ path: String) -> Int32

extension FolderScan {
    /// How files are opened to be hashed: nothing but what the scan found is waited for or followed.
    static let openContent: ContentOpening = { path in
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : -errno
    }

    /// Why nothing is left, if that is for want of permission.
    static func nothingReadable(_ path: String, _ omitted: [OmittedEntry]) -> CreationError? {
        let refused = omitted.filter { $0.reason == .notPermitted }
        guard let first = refused.first?.path else { return nil }
        let more = refused.count > 1 ? " and \(refused.count - 1) more" : ""
        return .nothingReadable(path: path, entries: first + more)
    }

    /// Leaves out what turned out only now not to be readable: somebody took the permission away since the scan, or the
    /// system goes by more than permissions tell.
    ///
    /// - Parameters:
    ///   - refused: a path at which opening has failed.
    ///   - candidates: files that will be opened. They are tried here, so that a thousand of that kind do not mean to begin
    ///     a thousand times.
    func leavingOut(_ refused: String, candidates: Set<Int>, opening: ContentOpening) -> FolderScan {
        var (files, omitted) = (files, omitted)
        files.removeAll(keepingCapacity: true)
        for (index, file) in self.files.enumerated() {
            let path = absolutePath(of: file)
            if path == refused || (candidates.contains(index) && Self.isRefused(path, opening)) {
                omitted.append(OmittedEntry(path: file.components.joined(separator: "/"), reason: .notPermitted))
            } else {
                files.append(file)
            }
        }
        return FolderScan(path: path, name: name, isSingleFile: isSingleFile, files: files, omitted: omitted)
    }

    private static func isRefused(_ path: String, _ opening: ContentOpening) -> Bool {
        let descriptor = opening(path)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return StorageError(errno: -descriptor, path: path).kind == .notPermitted
    }
}
