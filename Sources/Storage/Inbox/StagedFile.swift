import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is being received: in an inbox's hidden folder, under a name that nobody is told. All methods block.
public final class StagedFile: Sendable {
    /// By which it is found again.
    public let name: String
    private let folder: OpenFile
    private let file: OpenFile

    init(_ name: String, in folder: OpenFile, _ flags: Int32) throws(StorageError) {
        let path = folder.path + "/" + name
        // Nobody else gets into the folder; in its place it is as readable as other new files of this user.
        let descriptor = openat(folder.descriptor, name, flags, 0o666)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        self.name = name
        self.folder = folder
        file = OpenFile(descriptor: descriptor, isWritable: true, path: path)
    }

    var entry: AtomicRename.Entry { AtomicRename.Entry(folder: folder, name: name) }

    /// Bytes that are in it.
    public func size() throws(StorageError) -> Int64 { try file.size() }

    /// Writes these parts one behind the other.
    ///
    /// - Returns: the offset behind the last.
    public func write(_ parts: [ByteBuffer], at offset: Int64) throws(StorageError) -> Int64 {
        var offset = offset
        for part in parts {
            let result = part.withUnsafeReadableBytes { bytes -> Result<Void, StorageError> in
                guard let base = bytes.baseAddress, !bytes.isEmpty else { return .success(()) }
                var vectors = [iovec(iov_base: UnsafeMutableRawPointer(mutating: base), iov_len: bytes.count)]
                return Result { () throws(StorageError) in try file.write(&vectors, at: offset) }
            }
            try result.get()
            offset += Int64(part.readableBytes)
        }
        return offset
    }

    /// Cuts off what is behind an offset.
    public func truncate(to offset: Int64) throws(StorageError) {
        guard ftruncate(file.descriptor, off_t(offset)) == 0 else { throw file.error(errno) }
    }

    /// When this returns, what was written survives a power cut.
    public func synchronize() throws(StorageError) {
        guard fsync(file.descriptor) == 0 else { throw file.error(errno) }
    }

    func remove() {
        unlinkat(folder.descriptor, name, 0)
    }
}
