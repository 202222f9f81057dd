#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The folder of a lab's report. Looked at before the lab runs, not after minutes of it.
struct LabFolder {
    private let path: String
    private let existed: Bool

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        existed = FolderPath.exists(path)
        do throws(CommandFailure) {
            try FolderPath.create(path)
        } catch {
            throw CommandFailure(error.what, why: error.why, remedy: "name another one with --out")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw CommandFailure(
                "cannot write into the folder \(VisibleText.escaped(path))", why: SystemText.error(errno),
                remedy: "name another one with --out")
        }
    }

    /// Leaves nothing behind when there is no report after all.
    func removeIfEmpty() {
        if !existed { rmdir(path) }
    }
}
