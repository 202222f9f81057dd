#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Copies a file's content: shared with the original where the file system can do that, else byte by byte without the
/// holes.
enum FileCopy {
    /// Fills an empty file with at most `limit` bytes.
    static func copy(_ source: OpenFile, to target: OpenFile, limit: Int64) throws(StorageError) {
        let size = min(try source.size(), limit)
        #if os(Linux)
            // FICLONE; Glibc's module does not show it.
            if ioctl(target.descriptor, 0x4004_9409, source.descriptor) == 0 {
                guard ftruncate(target.descriptor, off_t(size)) == 0 else { throw target.error(errno) }
                return
            }
        #endif
        guard ftruncate(target.descriptor, off_t(size)) == 0 else { throw target.error(errno) }
        var offset: Int64 = 0
        while offset < size, let range = nextData(source, from: offset, size: size) {
            try copy(range, source, target)
            offset = range.upperBound
        }
    }

    /// The next part that is no hole; all of the rest where the file system does not tell.
    private static func nextData(_ file: OpenFile, from offset: Int64, size: Int64) -> Range<Int64>? {
        let start = lseek(file.descriptor, off_t(offset), seekData)
        if start < 0 { return errno == ENXIO ? nil : offset..<size }
        let end = lseek(file.descriptor, start, seekHole)
        let range = Int64(start)..<(end < start ? size : Int64(end))
        return range.clamped(to: offset..<size).isEmpty ? nil : range.clamped(to: offset..<size)
    }

    private static func copy(
        _ range: Range<Int64>, _ source: OpenFile, _ target: OpenFile
    ) throws(StorageError) {
        let length = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
        defer { buffer.deallocate() }
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: length) {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(length), range.upperBound - offset))])
            try source.read(into: part, at: offset)
            var vectors = [iovec(iov_base: part.baseAddress, iov_len: part.count)]
            try target.write(&vectors, at: offset)
        }
    }

    // Glibc's module does not show these.
    #if canImport(Darwin)
        private static let seekData = SEEK_DATA
        private static let seekHole = SEEK_HOLE
    #else
        private static let seekData: Int32 = 3
        private static let seekHole: Int32 = 4
    #endif
}
