#if os(Linux)
    import CMalloc
#endif

/// How the process keeps memory that it will want again.
enum HeapPolicy {
    /// Keeps freed buffers of a few hundred kilobytes instead of giving them back to the system each time.
    ///
    /// Every read from a socket and every batch of blocks takes such a buffer. By default glibc maps and unmaps each
    /// one, and the page faults cost more than reading. Few arenas, so that what one thread frees another can use.
    static func keepBuffers() {
        #if os(Linux)
            mallopt(M_MMAP_THRESHOLD, 4 << 20)
            mallopt(M_TRIM_THRESHOLD, 24 << 20)
            mallopt(M_ARENA_MAX, 2)
        #endif
    }
}
