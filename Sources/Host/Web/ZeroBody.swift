import Synchronization
import Transport
import WebWire

/// Stretches of nothing but zeros, with framing between them.
final class ZeroBody: HTTPBodySource {
    private static let step: Int64 = 64 << 10

    private let rest: Mutex<[BodySegment]>

    init(_ segments: [BodySegment]) {
        // Backwards: the next one is the last.
        rest = Mutex(segments.reversed())
    }

    func next() async throws -> HTTPBodyPart? {
        rest.withLock { rest in
            switch rest.popLast() {
            case nil: return nil
            case .bytes(let bytes): return .bytes(bytes)
            case .content(let range):
                let end = min(range.upperBound, range.lowerBound + Self.step)
                if end < range.upperBound { rest.append(.content(end..<range.upperBound)) }
                return .bytes([UInt8](repeating: 0, count: Int(end - range.lowerBound)))
            }
        }
    }
}
