/// A stretch of a body: bytes that are there already, or bytes of the file, which somebody else reads.
public enum BodySegment: Sendable, Equatable {
    case bytes([UInt8])
    case content(Range<Int64>)

    public var count: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .content(let range): range.upperBound - range.lowerBound
        }
    }
}

/// The framing of several ranges in one body: `multipart/byteranges` (RFC 9110 §14.6).
public struct MultipartByteRanges: Sendable, Equatable {
    /// What separates the parts. It must not occur in the content, so it comes from chance: 16 random bytes in hex do.
    public let boundary: String
    public let segments: [BodySegment]

    public init(ranges: [Range<Int64>], length: Int64, mediaType: String, boundary: String) {
        self.boundary = boundary
        var segments: [BodySegment] = []
        for (index, range) in ranges.enumerated() {
            let lines = [
                index == 0 ? "--\(boundary)" : "\r\n--\(boundary)", "Content-Type: \(mediaType)",
                "Content-Range: \(ContentRange.range(range, length: length))", "", "",
            ]
            segments.append(.bytes(Array(lines.joined(separator: "\r\n").utf8)))
            segments.append(.content(range))
        }
        segments.append(.bytes(Array("\r\n--\(boundary)--\r\n".utf8)))
        self.segments = segments
    }

    /// The value of `Content-Type`.
    public var contentType: String { "multipart/byteranges; boundary=\(boundary)" }

    /// The value of `Content-Length`.
    public var contentLength: Int64 { segments.reduce(0) { $0 + $1.count } }
}
