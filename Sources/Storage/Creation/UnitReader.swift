import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads the files of a ``HashPlan`` unit by unit through one buffer of fixed size and hashes them.
///
/// `@unchecked Sendable`: each lane of a ``HashRun`` owns one reader and hands it only from one job to the next of its
/// chain; the next job is submitted as the last act of the one before, so two threads never touch a reader at once.
final class UnitReader: @unchecked Sendable {
    private let plan: HashPlan
    private let opening: ContentOpening
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var hasher: PieceHasher

    /// Fits the second-level cache together with what the hash functions need.
    private static let bufferLength = 256 << 10
    /// Asking the kernel to read ahead costs two calls, not worth it for small files.
    private static let readAheadThreshold: Int64 = 1 << 20

    init(plan: HashPlan, opening: @escaping ContentOpening) {
        self.plan = plan
        self.opening = opening
        buffer = .allocate(byteCount: Self.bufferLength, alignment: 4096)
        hasher = PieceHasher(plan: plan)
    }

    deinit {
        buffer.deallocate()
    }

    /// Hashes a unit; the results are in ``hasher`` until the next call.
    ///
    /// - Parameter progress: called with the bytes read since the last call; returns false to stop early.
    func hash(_ unit: HashPlan.Unit, progress: (Int) -> Bool) throws(CreationError) {
        hasher.reset()
        for part in unit.parts {
            let file = plan.scan.files[part.file]
            try read(part, of: file, progress: progress)
            if plan.format != .v1, part.offset + part.length == file.stamp.size {
                hasher.finish(fileLength: file.stamp.size)
            }
        }
        if plan.format == .v1 { hasher.finish(fileLength: 0) }
    }

    private func read(
        _ part: HashPlan.Part, of file: ScannedFile, progress: (Int) -> Bool
    ) throws(CreationError) {
        let path = plan.scan.absolutePath(of: file)
        let descriptor = opening(path)
        guard descriptor >= 0 else { throw Self.openFailure(-descriptor, path) }
        defer { close(descriptor) }
        try checkUnchanged(descriptor, file, path)
        #if canImport(Glibc)
            if part.length >= Self.readAheadThreshold {
                posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
                posix_fadvise(descriptor, off_t(part.offset), off_t(part.length), POSIX_FADV_WILLNEED)
            }
        #endif

        var offset = part.offset
        let end = part.offset + part.length
        while offset < end {
            let wanted = Int(min(Int64(buffer.count), end - offset))
            try fill(wanted, from: descriptor, at: offset, path)
            hasher.append(UnsafeRawBufferPointer(rebasing: buffer[..<wanted]))
            offset += Int64(wanted)
            guard progress(wanted) else { throw .cancelled }
        }
        try checkUnchanged(descriptor, file, path)
    }

    private func fill(_ count: Int, from descriptor: Int32, at offset: Int64, _ path: String) throws(CreationError) {
        var filled = 0
        while filled < count, let base = buffer.baseAddress {
            let result = pread(descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw .storage(StorageError(errno: errno, path: path)) }
            guard result > 0 else { throw .changedWhileRead(path: path) }
            filled += result
        }
    }

    private func checkUnchanged(_ descriptor: Int32, _ file: ScannedFile, _ path: String) throws(CreationError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .storage(StorageError(errno: errno, path: path)) }
        guard FileStamp(status) == file.stamp else { throw .changedWhileRead(path: path) }
    }

    /// A file that was there when the folder was read and is now gone, or is now something else, has changed.
    private static func openFailure(_ code: Int32, _ path: String) -> CreationError {
        switch code {
        case ENOENT, ELOOP, ENOTDIR, ENXIO: .changedWhileRead(path: path)
        default: .storage(StorageError(errno: code, path: path))
        }
    }
}
