import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One open descriptor of a file or folder; closes with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32
    let isWritable: Bool
    /// For error messages.
    let path: String
    /// File systems let one writer into a file at a time and have the others spin, which costs a whole processor when
    /// two workers write to one large file. Waiting here costs nothing.
    private let writing = Mutex(())
    /// How it is told what is in memory, see ``readCached(_:at:)``.
    let cacheAccess = Atomic(CacheAccess.byTrying)

    init(descriptor: Int32, isWritable: Bool, path: String) {
        self.descriptor = descriptor
        self.isWritable = isWritable
        self.path = path
    }

    deinit { _ = close(descriptor) }

    func error(_ code: Int32) -> StorageError { StorageError(errno: code, path: path) }

    func status() throws(StorageError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw error(errno) }
        return status
    }

    func size() throws(StorageError) -> Int64 { Int64(try status().st_size) }

    /// Writes everything, however often the system takes less than offered.
    func write(_ vectors: inout [iovec], at offset: Int64) throws(StorageError) {
        try writing.withLock { _ throws(StorageError) in
            try transfer(&vectors, at: offset) { pwritev(descriptor, $0, $1, off_t($2)) }
        }
    }

    /// Does the same if nobody else is writing, otherwise nothing.
    ///
    /// - Returns: whether it was done.
    func writeIfIdle(_ vectors: inout [iovec], at offset: Int64) throws(StorageError) -> Bool {
        let done: Void? = try writing.withLockIfAvailable { _ throws(StorageError) in
            try transfer(&vectors, at: offset) { pwritev(descriptor, $0, $1, off_t($2)) }
        }
        return done != nil
    }

    /// Fills everything; a file that ends before is ``StorageError/Kind/changed``.
    func read(_ vectors: inout [iovec], at offset: Int64) throws(StorageError) {
        try transfer(&vectors, at: offset) { preadv(descriptor, $0, $1, off_t($2)) }
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StorageError) {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw StorageError(kind: .changed, path: path)
            } else if errno != EINTR {
                throw error(errno)
            }
        }
    }

    /// Whether the range holds no data at all: it was never written, and reads as zeros.
    func isHole(at offset: Int64, length: Int) -> Bool {
        // The position that this moves is used by nobody else: all input and output here names its offset.
        let next = lseek(descriptor, off_t(offset), Self.seekData)
        return next < 0 ? errno == ENXIO : Int64(next) >= offset + Int64(length)
    }

    // Linux has the same number on every machine, but Glibc's module does not show it.
    #if canImport(Darwin)
        private static let seekData = SEEK_DATA
    #else
        private static let seekData: Int32 = 3
    #endif

    /// The most vectors that one call takes everywhere (IOV_MAX is 1024 on Linux and Darwin).
    private static let vectorLimit = 1024

    private func transfer(
        _ vectors: inout [iovec], at offset: Int64,
        _ call: (UnsafePointer<iovec>, Int32, Int64) -> Int
    ) throws(StorageError) {
        var position = offset
        var first = 0
        while first < vectors.count {
            let count = vectors.withUnsafeBufferPointer { all in
                guard let base = all.baseAddress else { return 0 }
                return call(base + first, Int32(min(all.count - first, Self.vectorLimit)), position)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw error(errno)
            }
            // Nothing moved: the end of the file when reading; when writing no system does this for a regular file.
            if count == 0 { throw StorageError(kind: .changed, path: path) }
            position += Int64(count)
            Self.skip(count, in: &vectors, from: &first)
        }
    }

    private static func skip(_ count: Int, in vectors: inout [iovec], from first: inout Int) {
        var left = count
        while first < vectors.count, left >= vectors[first].iov_len {
            left -= vectors[first].iov_len
            first += 1
        }
        guard left > 0, first < vectors.count else { return }
        vectors[first].iov_base += left
        vectors[first].iov_len -= left
    }
}
