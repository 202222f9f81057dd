#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a stretch of a file a step at a time, so that a file of any length needs little memory. Blocks.
enum FileReading {
    static func read(
        _ descriptor: Int32, _ range: Range<Int64>, path: String, step: Int,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StorageError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 16)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = Int(min(Int64(step), range.upperBound - position))
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(position))
            if count < 0 {
                if errno == EINTR { continue }
                throw StorageError(errno: errno, path: path)
            }
            guard count > 0 else { throw StorageError(kind: .changed, path: path) }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
    }
}
