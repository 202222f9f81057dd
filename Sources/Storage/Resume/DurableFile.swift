import Crypto
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small files that are either wholly the old or wholly the new version, whatever happens to process or power.
enum DurableFile {
    private static let writes = Atomic<UInt64>(0)
    private static let temporaryMark = ".new-"

    /// Writes beside the file, forces the bytes to the disk, renames over the file, forces the rename to the disk.
    static func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
        let number = writes.wrappingAdd(1, ordering: .relaxed).newValue
        let temporary = "\(path)\(temporaryMark)\(getpid())-\(number)"
        do throws(StorageError) {
            try writeNew(bytes, to: temporary)
            guard rename(temporary, path) == 0 else { throw StorageError(errno: errno, path: path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronizeFolder(of: path)
    }

    /// The same with a SHA-256 at the end, so that ``readSealed(_:limit:)`` notices damage.
    static func writeSealed(_ bytes: [UInt8], to path: String) throws(StorageError) {
        try write(bytes + SHA256.hash(data: bytes), to: path)
    }

    /// What a file holds; nil if there is none or if it is longer than the limit.
    static func read(_ path: String, limit: Int) throws(StorageError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StorageError(errno: errno, path: path)
        }
        let file = OpenFile(descriptor: descriptor, isWritable: false, path: path)
        let size = Int64(try file.status().st_size)
        guard size <= Int64(limit) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        // Array hands a typed error through only as an untyped one.
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(StorageError) in try file.read(into: buffer, at: 0) }
        }
        try result.get()
        return bytes
    }

    /// What was given to ``writeSealed(_:to:)``; nil if there is no file or it is damaged.
    static func readSealed(_ path: String, limit: Int) throws(StorageError) -> [UInt8]? {
        guard let bytes = try read(path, limit: limit), bytes.count >= SHA256.byteCount else { return nil }
        let content = bytes.dropLast(SHA256.byteCount)
        guard SHA256.hash(data: content).elementsEqual(bytes.suffix(SHA256.byteCount)) else { return nil }
        return Array(content)
    }

    /// Whether a name is that of a file left by a write that was interrupted.
    static func isTemporary(_ name: String) -> Bool { name.contains(temporaryMark) }

    private static func writeNew(_ bytes: [UInt8], to path: String) throws(StorageError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { pwrite(descriptor, $0 + done, buffer.count - done, off_t(done)) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StorageError(errno: count < 0 ? errno : EIO, path: path) }
            done += count
        }
        guard fsync(descriptor) == 0 else { throw StorageError(errno: errno, path: path) }
    }

    /// Makes a removal durable, where the system can.
    static func synchronize(folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func synchronizeFolder(of path: String) throws(StorageError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: folder) }
        defer { close(descriptor) }
        // Some file systems cannot synchronise a folder and say so with EINVAL; the rename is then as safe as it gets.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw StorageError(errno: errno, path: folder) }
    }
}
