#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder of a report: puts whole files there or none.
struct ReportFolder {
    let path: String

    init(_ path: String) {
        self.path = path.isEmpty ? "." : path
    }

    /// - Returns: the paths of the files, in the order given.
    func put(_ files: [(name: String, text: String)]) throws(LabReportError) -> [String] {
        try makeFolder()
        var unnamed: [(temporary: String, final: String)] = []
        do throws(LabReportError) {
            for file in files {
                let final = path.hasSuffix("/") ? path + file.name : path + "/" + file.name
                let temporary = try create(file.text, beside: final)
                unnamed.append((temporary, final))
            }
            while let next = unnamed.first {
                guard rename(next.temporary, next.final) == 0 else { throw failure(next.final) }
                unnamed.removeFirst()
            }
        } catch {
            for file in unnamed { unlink(file.temporary) }
            throw error
        }
        return files.map { path.hasSuffix("/") ? path + $0.name : path + "/" + $0.name }
    }

    /// Makes the folder and those above it that are missing.
    private func makeFolder() throws(LabReportError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var ancestor = path.hasPrefix("/") ? "/" : ""
        for part in parts {
            ancestor += part
            // A folder that is there may be one that this user could not make: only what follows tells.
            if mkdir(ancestor, 0o777) != 0, errno != EEXIST {
                let code = errno
                guard access(ancestor, F_OK) == 0 else { throw LabReportError(path: ancestor, code: code) }
            }
            ancestor += "/"
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw LabReportError(path: path, code: ENOTDIR) }
    }

    /// Writes a new file with a name of its own and makes sure that it is on the disk.
    private func create(_ text: String, beside final: String) throws(LabReportError) -> String {
        let slash = final.lastIndex(of: "/") ?? final.startIndex
        let temporary = "\(final[...slash]).\(final[final.index(after: slash)...]).\(getpid()).tmp"
        // What is there under this name is from a process that was killed and had the same number.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure(final) }
        var code: Int32 = 0
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeBufferPointer(rebasing: bytes[written...])
                let count = write(file, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    code = count < 0 ? errno : EIO
                    return
                }
                written += count
            }
        }
        if code == 0, fsync(file) != 0, errno != EINVAL { code = errno }
        // A full disk may show only now, on network file systems.
        if close(file) != 0, code == 0, errno != EINTR { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw LabReportError(path: final, code: code)
        }
        return temporary
    }

    private func failure(_ path: String) -> LabReportError { LabReportError(path: path, code: errno) }
}
