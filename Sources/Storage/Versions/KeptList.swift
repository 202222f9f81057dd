#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What was kept beside, in a file that only grows, so that a switch in several runs tells of all of it.
struct KeptList {
    let path: String

    func add(_ old: [String], _ new: [String]) throws(StorageError) {
        let text = old.joined(separator: "/") + "\0" + new.joined(separator: "/") + "\0"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw StorageError(errno: errno, path: path) }
    }

    /// Those that are there; what was only meant to be done is not.
    func files(where isThere: ([String]) -> Bool) -> [VersionSwitchResult.KeptFile] {
        guard let bytes = try? DurableFile.read(path, limit: 64 << 20) else { return [] }
        let texts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        var files: [VersionSwitchResult.KeptFile] = []
        var known: Set<String> = []
        for index in stride(from: 0, to: texts.count - 1, by: 2) {
            let kept = texts[index + 1]
            guard isThere(kept.split(separator: "/").map(String.init)), known.insert(kept).inserted else { continue }
            files.append(VersionSwitchResult.KeptFile(path: texts[index], keptPath: kept))
        }
        return files
    }
}
