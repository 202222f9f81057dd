import Storage
import Synchronization
import Transport
import WebWire

extension SharedFile {
    /// Short stretches, with what stands between them. Blocks.
    func read(_ segments: [BodySegment]) throws -> [UInt8] {
        if segments.count == 1, case .content(let range) = segments[0] { return try read(range) }
        return try segments.reduce(into: []) { bytes, segment in
            switch segment {
            case .bytes(let more): bytes += more
            case .content(let range): bytes += try read(range)
            }
        }
    }
}

/// The bytes of one file, or stretches of it with framing between them.
final class FileBody: HTTPBodySource {
    /// What is shorter is read and sent with what is around it; what is longer goes from disk to socket directly.
    static let directLength: Int64 = 64 << 10
    /// The end of a long stretch is sent only after a last look at the file, so that no answer is complete and wrong.
    private static let tailLength: Int64 = 4 << 10

    private let file: SharedFile
    private let direct: HTTPFile?
    private let pool: DiskPool
    private let rest: Mutex<[BodySegment]>

    init(_ file: SharedFile, _ segments: [BodySegment], pool: DiskPool) {
        self.file = file
        self.pool = pool
        let needsDirect = segments.contains { segment in
            if case .content = segment { segment.count > Self.directLength } else { false }
        }
        direct =
            needsDirect
            ? HTTPFile(descriptor: file.descriptor) {
                file.isUnchanged
            } read: { range in
                try await pool.spread { Result { try file.read(range) } }.get()
            } : nil
        // Backwards: the next one is the last.
        rest = Mutex(segments.flatMap(Self.withTail).reversed())
    }

    private static func withTail(_ segment: BodySegment) -> [BodySegment] {
        guard case .content(let range) = segment, segment.count > directLength else { return [segment] }
        let tail = range.upperBound - tailLength
        return [.content(range.lowerBound..<tail), .content(tail..<range.upperBound)]
    }

    func next() async throws -> HTTPBodyPart? {
        switch rest.withLock({ $0.popLast() }) {
        case nil: return nil
        case .bytes(let bytes): return .bytes(bytes)
        case .content(let range):
            if range.upperBound - range.lowerBound > Self.directLength - Self.tailLength, let direct {
                return .file(direct, range)
            }
            let file = file
            return .bytes(try await pool.spread { Result { try file.read(range) } }.get())
        }
    }
}
