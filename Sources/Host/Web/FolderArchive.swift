import Crypto
import Metainfo
import Storage
import Synchronization
import Transport
import WebWire

/// A folder of a share as one ZIP: stored, of known length, resumable anywhere.
struct FolderArchive: Sendable {
    let files: [WebFile]
    let layout: ZipLayout
    let entityTag: EntityTag?

    init(_ files: [WebFile], folder: String, dropping depth: Int) throws(ZipLayoutError) {
        self.files = files
        layout = try ZipLayout(
            files.map { file in
                ZipEntry(path: [folder] + file.path.dropFirst(depth), length: file.length, modified: file.modified)
            })
        // Times are in the archive as well.
        var hash = SHA256()
        for (file, name) in zip(files, layout.names) {
            let line = "\(name)\n\(file.entityTag?.opaque ?? "")\n\(file.modified.secondsSinceEpoch)\n"
            hash.update(data: Array(line.utf8))
        }
        entityTag = EntityTag(opaque: Hexadecimal.encode(Array(hash.finalize())))
    }
}

/// A stretch of an archive.
final class ArchiveBody: HTTPBodySource {
    private struct State: Sendable {
        var stretches: [BodySegment]
        var segments: ZipSegments?
        var body: FileBody?
    }

    private enum Step: Sendable {
        case end
        case bytes([UInt8])
        case body(FileBody)
        case segment(ZipSegment)
    }

    private let archive: FolderArchive
    private let digests: FileDigests
    private let pool: DiskPool
    private let state: Mutex<State>

    init(_ archive: FolderArchive, _ stretches: [BodySegment], digests: FileDigests, pool: DiskPool) {
        self.archive = archive
        self.digests = digests
        self.pool = pool
        state = Mutex(State(stretches: stretches.reversed()))
    }

    func next() async throws -> HTTPBodyPart? {
        while true {
            switch step() {
            case .end: return nil
            case .bytes(let bytes): return .bytes(bytes)
            case .body(let body):
                if let part = try await body.next() { return part }
                state.withLock { $0.body = nil }
            case .segment(.bytes(let bytes)): return .bytes(bytes)
            case .segment(.content(let entry, let range)):
                let file = archive.files[entry]
                // Its checksum is wanted soon; it is computed while the bytes go out.
                _ = await digests.peek(file)
                let opened = try await pool.spread { Result { try file.open() } }.get()
                let body = FileBody(opened, [.content(range)], pool: pool)
                state.withLock { $0.body = body }
            case .segment(.checksum(let part)):
                guard let digests = await digests.digests(of: archive.files[part.entry]) else {
                    throw StorageError(kind: .changed, path: archive.layout.names[part.entry])
                }
                return .bytes(archive.layout.bytes(of: part, crc32: digests.crc32))
            }
        }
    }

    private func step() -> Step {
        state.withLock { state in
            if let body = state.body { return .body(body) }
            if let segment = state.segments?.next() { return .segment(segment) }
            switch state.stretches.popLast() {
            case nil: return .end
            case .bytes(let bytes):
                state.segments = nil
                return .bytes(bytes)
            case .content(let range):
                state.segments = archive.layout.segments(range)
                return state.segments?.next().map { .segment($0) } ?? .end
            }
        }
    }
}
