import Crypto
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file on its way from a web server: written from its beginning to its end beside its later name, hashed meanwhile,
/// and given its name when it is complete. It never takes the place of another file.
///
/// Its record says how much of it is on stable storage; from there the next run goes on, however this one ends. All
/// methods block.
public final class PartFile: Sendable {
    private struct State {
        var record: DownloadRecord
        var length: Int64 = 0
        var sha256 = SHA256()
        /// Of the bytes since ``beginMessage()``.
        var messageSHA256: SHA256?
        var messageStart: Int64 = 0
        var isOver = false
    }

    public let directory: String
    let descriptor: Int32
    private let records: RecordFolder
    private let state: Mutex<State>
    private static let stepLength = 1 << 20

    init(descriptor: Int32, record: DownloadRecord, directory: String, records: RecordFolder) {
        self.descriptor = descriptor
        self.directory = directory
        self.records = records
        state = Mutex(State(record: record))
    }

    deinit { close(descriptor) }

    public var record: DownloadRecord { state.withLock { $0.record } }
    /// Bytes that are here.
    public var length: Int64 { state.withLock { $0.length } }
    /// Where the complete file will be.
    public var path: String { directory + "/" + record.name }
    var partPath: String { directory + "/" + record.partName }

    // MARK: Bytes

    /// Takes up what an earlier run left, which has to be read once for its hash.
    ///
    /// - Parameter progress: bytes read so far.
    public func takeUp(progress: (Int64) -> Void) throws(StorageError) {
        let (path, safe) = (partPath, record.safeLength)
        var (hash, position) = (SHA256(), Int64(0))
        try read(0..<safe, path) { bytes in
            hash.update(bufferPointer: bytes)
            position += Int64(bytes.count)
            progress(position)
        }
        guard ftruncate(descriptor, off_t(safe)) == 0 else { throw StorageError(errno: errno, path: path) }
        state.withLock { state in
            state.sha256 = hash
            state.length = safe
        }
    }

    public func write(_ parts: [ByteBuffer]) throws(StorageError) {
        let path = partPath
        for part in parts {
            let start = length
            var failure: Int32?
            part.withUnsafeReadableBytes { bytes in
                var done = 0
                while done < bytes.count, failure == nil {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                    let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(start) + off_t(done))
                    if count > 0 { done += count } else if errno != EINTR || count == 0 { failure = errno }
                }
                guard failure == nil else { return }
                state.withLock { state in
                    state.sha256.update(bufferPointer: bytes)
                    state.messageSHA256?.update(bufferPointer: bytes)
                    state.length += Int64(bytes.count)
                }
            }
            if let failure { throw StorageError(errno: failure, path: path) }
        }
    }

    /// From here on the bytes of one answer are hashed by themselves.
    public func beginMessage(hashing: Bool) {
        state.withLock { state in
            state.messageSHA256 = hashing ? SHA256() : nil
            state.messageStart = state.length
        }
    }

    /// The SHA-256 of what came since ``beginMessage(hashing:)``.
    public func messageDigest() -> [UInt8]? { state.withLock { $0.messageSHA256.map { Array($0.finalize()) } } }

    /// Nothing of it is of use: it begins anew, perhaps as something else that the server has now.
    public func startOver(_ change: (inout DownloadRecord) -> Void = { _ in }) throws(StorageError) {
        guard ftruncate(descriptor, 0) == 0 else { throw StorageError(errno: errno, path: partPath) }
        let record = state.withLock { state in
            change(&state.record)
            state.record.safeLength = 0
            (state.length, state.sha256, state.messageSHA256) = (0, SHA256(), nil)
            return state.record
        }
        try save(record)
    }

    /// Has everything so far on stable storage, and says so in the record.
    public func checkpoint() throws(StorageError) {
        let length = length
        guard fdatasync(descriptor) == 0 else { throw StorageError(errno: errno, path: partPath) }
        let record = state.withLock { state in
            state.record.safeLength = length
            return state.record
        }
        try save(record)
    }

    private func save(_ record: DownloadRecord) throws(StorageError) {
        try records.save(record.encoded(), as: DownloadRecord.key(address: record.address, directory: directory))
    }

    // MARK: Digests

    public func sha256() -> [UInt8] { state.withLock { Array($0.sha256.finalize()) } }

    /// Reads the file once more.
    public func sha512() throws(StorageError) -> [UInt8] {
        var hash = SHA512()
        try read(0..<length, partPath) { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    private func read(
        _ range: Range<Int64>, _ path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StorageError) {
        try FileReading.read(descriptor, range, path: path, step: Self.stepLength, body)
    }

    // MARK: The end

    /// Gives the complete file its name.
    ///
    /// - Throws: ``StorageError/Kind/occupied`` if another file has that name; then all is as it was.
    public func finish() throws(StorageError) {
        try checkpoint()
        let (part, path) = (partPath, path)
        // A hard link never replaces a file that appeared meanwhile, as a rename would.
        if link(part, path) == 0 {
            unlink(part)
        } else {
            let code = errno
            var status = stat()
            guard code != EEXIST, lstat(path, &status) != 0 else { throw StorageError(kind: .occupied, path: path) }
            // File systems without hard links.
            guard rename(part, path) == 0 else { throw StorageError(errno: code, path: path) }
        }
        DurableFile.synchronize(folder: directory)
        forget()
    }

    /// Removes what is here: it is wrong, or was never begun.
    public func discard() {
        let part = partPath
        if FileStamp(path: part)?.inode == record.inode { unlink(part) }
        forget()
    }

    private func forget() {
        let record = state.withLock { state in
            state.isOver = true
            return state.record
        }
        records.remove(DownloadRecord.key(address: record.address, directory: directory))
    }
}
