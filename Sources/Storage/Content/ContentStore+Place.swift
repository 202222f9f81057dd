import Metainfo
import NIOCore

// Where blocks go: on a worker, adjacent blocks of one piece at a time.
extension ContentStore {
    /// Writes adjacent blocks and hashes them, in the order that lets the worker wait least.
    func writeAndHash(
        _ run: ArraySlice<IncomingBlock>, first number: Int, _ assembly: PieceAssembly
    ) throws(StorageError) {
        guard let begin = run.first?.begin else { return }
        var list = Self.memory(of: run)
        let segments = info.layout.segments(assembly.piece, offset: begin, length: list.byteCount)
        if segments.count == 1, let (file, offset) = try destination(segments[0]) {
            // The common case. While another worker writes to the same file, this one hashes.
            var vectors = list.take(list.byteCount)
            if try file.writeIfIdle(&vectors, at: offset) {
                assembly.hash(run, first: number)
            } else {
                try assembly.hash(run, first: number) { () throws(StorageError) in
                    try file.write(&vectors, at: offset)
                }
            }
        } else {
            for segment in segments {
                var vectors = list.take(segment.length)
                guard let (file, offset) = try destination(segment) else { continue }
                try file.write(&vectors, at: offset)
            }
            // Padding is not written, and has to be hashed as the zeros that it will be read as.
            if segments.allSatisfy({ $0.file != nil }) { assembly.hash(run, first: number) }
        }
        for segment in segments { markUnsaved(segment) }
        withExtendedLifetime(run) {}
    }

    /// The file to read a segment from, and where; nil for zeros.
    func source(_ segment: FileSegment) throws(StorageError) -> (file: OpenFile, offset: Int64)? {
        try place(segment, writable: false)
    }

    private func destination(_ segment: FileSegment) throws(StorageError) -> (file: OpenFile, offset: Int64)? {
        try place(segment, writable: true)
    }

    private func place(
        _ segment: FileSegment, writable: Bool
    ) throws(StorageError) -> (file: OpenFile, offset: Int64)? {
        guard let file = segment.file else { return nil }
        if folder.isWanted(file) { return (try folder.open(file, writable: writable), segment.offset) }
        // In the side file everything is where it is in piece space.
        return (try folder.openSpill(writable: writable), info.files[file.rawValue].offset + segment.offset)
    }

    private func markUnsaved(_ segment: FileSegment) {
        guard let file = segment.file else { return }
        folder.markUnsaved(folder.isWanted(file) ? .file(file.rawValue) : .spill)
    }

    private static func memory(of run: ArraySlice<IncomingBlock>) -> ScatterList {
        var list = ScatterList(capacity: run.count)
        for block in run {
            // The memory is kept by the blocks, which the caller holds until after the last use of the list; nobody can
            // write to it, since a ByteBuffer whose storage is shared copies it first.
            block.data.withUnsafeReadableBytesWithStorageManagement { bytes, _ in
                guard let base = bytes.baseAddress else { return }
                list.append(UnsafeMutableRawPointer(mutating: base), count: bytes.count)
            }
        }
        return list
    }
}
