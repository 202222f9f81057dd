#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Pieces of memory that together hold one contiguous range of the torrent, taken from the front file by file.
///
/// It only points: whoever makes one keeps the memory alive and unmoved as long as the list is in use.
struct ScatterList {
    private var vectors: [iovec] = []
    private var first = 0
    private(set) var byteCount = 0

    init(capacity: Int) {
        vectors.reserveCapacity(capacity)
    }

    mutating func append(_ base: UnsafeMutableRawPointer, count: Int) {
        guard count > 0 else { return }
        vectors.append(iovec(iov_base: base, iov_len: count))
        byteCount += count
    }

    /// Takes the next bytes; fewer if fewer are left.
    mutating func take(_ length: Int) -> [iovec] {
        if first == 0 && length >= byteCount {
            byteCount = 0
            defer { vectors = [] }
            return vectors
        }
        var taken: [iovec] = []
        var left = min(length, byteCount)
        byteCount -= left
        while left > 0, first < vectors.count {
            let part = min(left, vectors[first].iov_len)
            taken.append(iovec(iov_base: vectors[first].iov_base, iov_len: part))
            left -= part
            if part == vectors[first].iov_len {
                first += 1
            } else {
                vectors[first].iov_base += part
                vectors[first].iov_len -= part
            }
        }
        return taken
    }
}
