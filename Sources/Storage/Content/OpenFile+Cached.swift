import Synchronization

#if canImport(Glibc)
    import CCachedReads
    import Glibc
#endif

// Reading that never waits for a disk, and so may be done where nobody must wait.
extension OpenFile {
    enum CacheAccess: UInt8, AtomicRepresentable {
        /// The file system is asked each time, or has not been asked yet.
        case byTrying
        /// It is in memory as a whole.
        case always
        /// The file system does not tell.
        case never
    }

    /// Fills everything with what the system has in memory.
    ///
    /// - Returns: false if some of it is not in memory, or nobody can tell, or reading failed: whoever may wait finds out.
    ///   What the vectors point to is then undefined, and so are they.
    func readCached(_ vectors: inout [iovec], at offset: Int64) throws(StorageError) -> Bool {
        #if canImport(Glibc)
            if cacheAccess.load(ordering: .relaxed) == .byTrying {
                let wanted = vectors.reduce(0) { $0 + $1.iov_len }
                let flags = Int32(cached_reads_nowait)
                let count = preadv2(descriptor, vectors, Int32(clamping: vectors.count), off_t(offset), flags)
                if count >= 0 || errno != EOPNOTSUPP { return count == wanted }
                cacheAccess.store(isInMemoryFileSystem ? .always : .never, ordering: .relaxed)
            }
            guard cacheAccess.load(ordering: .relaxed) == .always else { return false }
            try read(&vectors, at: offset)
            return true
        #else
            return false
        #endif
    }

    #if canImport(Glibc)
        /// Such a one does not know the question, having no other answer than yes.
        private var isInMemoryFileSystem: Bool {
            var status = statfs()
            return fstatfs(descriptor, &status) == 0 && Int(status.f_type) == cached_reads_tmpfs
        }
    #endif
}
