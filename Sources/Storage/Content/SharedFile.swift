import Metainfo
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of a share, open for reading: for those who send it by other ways than blocks of pieces.
///
/// It is opened one component after the other and through no symbolic link, so that none leads out of the share. It knows
/// what the file was like when the share promised it, and says whether it still is.
public final class SharedFile: Sendable {
    private let file: OpenFile
    private let stamp: FileStamp

    /// Closed with the last reference to this object; only for reading at given offsets.
    public var descriptor: Int32 { file.descriptor }

    public var size: Int64 { stamp.size }

    /// - Parameters:
    ///   - directory: absolute; it may be reached through links.
    ///   - components: of the file below it, at least one.
    ///   - stamp: as the share knows the file.
    /// - Throws: `StorageError`; ``StorageError/Kind/changed`` if the file is another by now. Blocks.
    public init(directory: String, components: [String], stamp: FileStamp) throws(StorageError) {
        var path = directory
        var opened = try Self.open(directory, in: nil, O_RDONLY | O_DIRECTORY | O_CLOEXEC, path: directory)
        for (index, name) in components.enumerated() {
            path += "/" + name
            guard PathSafety.safeComponent(Array(name.utf8)) == name else {
                throw StorageError(kind: .unsafePath, path: path)
            }
            let isLast = index == components.count - 1
            // O_NONBLOCK: a FIFO in the way must not hold the worker; for regular files it has no effect.
            let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (isLast ? O_NONBLOCK : O_DIRECTORY)
            opened = try Self.open(name, in: opened, flags, path: path)
        }
        file = opened
        self.stamp = stamp
        guard isUnchanged else { throw StorageError(kind: .changed, path: path) }
    }

    /// Whether it is what the share promised, and still has a name.
    public var isUnchanged: Bool {
        guard let status = try? file.status() else { return false }
        return status.st_nlink > 0 && FileStamp(status) == stamp
    }

    /// These bytes; all of them, or an error. Blocks.
    public func read(_ range: Range<Int64>) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
        do {
            try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: range.lowerBound) }
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(kind: .changed, path: file.path)
        }
        guard isUnchanged else { throw StorageError(kind: .changed, path: file.path) }
        return bytes
    }

    /// These bytes, if the system has all of them in memory: waits for no disk. Nil if somebody who may wait has to read.
    public func readCached(_ range: Range<Int64>) throws(StorageError) -> ByteBuffer? {
        let length = Int(range.upperBound - range.lowerBound)
        var buffer = ByteBufferAllocator().buffer(capacity: length)
        var result = Result<Bool, StorageError>.success(false)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            var vectors = [iovec(iov_base: target.baseAddress, iov_len: length)]
            result = Result { () throws(StorageError) in try file.readCached(&vectors, at: range.lowerBound) }
            return length
        }
        guard try result.get() else { return nil }
        guard isUnchanged else { throw StorageError(kind: .changed, path: file.path) }
        return buffer
    }

    private static func open(
        _ name: String, in folder: OpenFile?, _ flags: Int32, path: String
    ) throws(StorageError) -> OpenFile {
        var descriptor: Int32
        repeat {
            descriptor = folder.map { openat($0.descriptor, name, flags) } ?? systemOpen(name, flags)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        return OpenFile(descriptor: descriptor, isWritable: false, path: path)
    }

    // The name of the C function is that of a method here.
    private static func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Darwin)
            Darwin.open(path, flags)
        #else
            Glibc.open(path, flags)
        #endif
    }
}
