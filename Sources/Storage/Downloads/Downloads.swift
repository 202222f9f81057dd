import Crypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder into which files of web servers are fetched, with what is remembered of those that are not complete.
/// All methods block.
public struct Downloads: Sendable {
    /// Absolute, symbolic links resolved.
    public let directory: String
    private let records: RecordFolder

    private static let maximumRecords = 1000

    public init(_ state: StateDirectory, directory: String) throws(StorageError) {
        guard let resolved = realpath(directory, nil) else { throw StorageError(errno: errno, path: directory) }
        defer { free(resolved) }
        self.directory = String(cString: resolved)
        records = try RecordFolder(state, kind: "downloads")
    }

    /// What an earlier run left of a file; nil if there is nothing that could be used.
    ///
    /// - Throws: ``DownloadInUse`` if somebody is fetching it at this moment.
    public func earlier(_ address: String) throws -> PartFile? {
        let key = DownloadRecord.key(address: address, directory: directory)
        guard let bytes = try? records.load(key), let record = DownloadRecord(decoding: bytes),
            record.address == address
        else { return nil }
        let path = directory + "/" + record.partName
        let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw DownloadInUse(path: path)
        }
        var status = stat()
        // Whoever had it may have given it its name between the two calls.
        guard fstat(descriptor, &status) == 0, let stamp = FileStamp(status), stamp.inode == record.inode,
            stamp.size >= record.safeLength, FileStamp(path: path)?.inode == stamp.inode
        else {
            close(descriptor)
            return nil
        }
        return PartFile(descriptor: descriptor, record: record, directory: directory, records: records)
    }

    /// Makes a new part file.
    public func begin(_ wanted: DownloadRecord) throws -> PartFile {
        forgetLost()
        var record = wanted
        for number in 1...100 {
            record.partName = wanted.name + (number == 1 ? ".part" : ".\(number).part")
            let path = directory + "/" + record.partName
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
            if descriptor < 0 {
                // Somebody else's: left alone.
                if errno == EEXIST { continue }
                throw StorageError(errno: errno, path: path)
            }
            _ = flock(descriptor, LOCK_EX | LOCK_NB)
            record.inode = FileStamp(path: path)?.inode ?? 0
            let part = PartFile(descriptor: descriptor, record: record, directory: directory, records: records)
            do {
                try part.startOver()
            } catch {
                part.discard()
                throw error
            }
            return part
        }
        throw StorageError(kind: .occupied, path: directory + "/" + record.partName)
    }

    /// Whether anything has that name already.
    public func holds(_ name: String) -> Bool {
        var status = stat()
        return lstat(directory + "/" + name, &status) == 0
    }

    /// The SHA-256 or SHA-512 of a regular file that is here, and how long it is; nil if there is none.
    public func digest(of name: String, sha512: Bool) -> (bytes: [UInt8], length: Int64)? {
        let path = directory + "/" + name
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let stamp = FileStamp(status) else { return nil }
        var (short, long) = (SHA256(), SHA512())
        let result = Result { () throws(StorageError) in
            try FileReading.read(descriptor, 0..<stamp.size, path: path, step: 1 << 20) { bytes in
                if sha512 { long.update(bufferPointer: bytes) } else { short.update(bufferPointer: bytes) }
            }
        }
        guard case .success = result else { return nil }
        return (sha512 ? Array(long.finalize()) : Array(short.finalize()), stamp.size)
    }

    /// Records whose part files the user has removed.
    private func forgetLost() {
        let names = records.names
        guard names.count <= Self.maximumRecords else { return records.keep(only: []) }
        for name in names {
            guard let bytes = try? records.load(name), let record = DownloadRecord(decoding: bytes) else { continue }
            // Of other folders nothing is known here, but that their own record has their name.
            guard DownloadRecord.key(address: record.address, directory: directory) == name else { continue }
            if FileStamp(path: directory + "/" + record.partName)?.inode != record.inode { records.remove(name) }
        }
    }
}

/// Another process is fetching the same file into the same folder.
public struct DownloadInUse: Error, Sendable, Equatable, CustomStringConvertible {
    public let path: String

    public var description: String {
        "cannot fetch to \(path), it is already being fetched by another duplex, wait for it or stop it"
    }
}
