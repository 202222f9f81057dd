import Metainfo

/// What to ask a web seed for so that it brings some blocks: as few ranges of files as possible, and in between the
/// zeros of padding, which no server has.
///
/// The bytes of all parts in order are those of all blocks in order.
public struct SeedPlan: Sendable, Equatable {
    public enum Part: Sendable, Equatable {
        case zeros(Int)
        case bytes(FileIndex, Range<Int64>)
    }

    /// In the order of their pieces.
    public let blocks: [BlockRequest]
    public let parts: [Part]

    /// Of thousands of tiny files, each is a request.
    private static let maximumParts = 256

    /// Takes blocks off the beginning of a queue, at least one; what does not exist is left out.
    public init(taking queue: inout [BlockRequest], of layout: PieceLayout) {
        queue.sort { ($0.piece, $0.begin) < ($1.piece, $1.begin) }
        var (blocks, parts, taken): ([BlockRequest], [Part], Int) = ([], [], 0)
        for block in queue {
            guard parts.count < Self.maximumParts else { break }
            taken += 1
            let segments = layout.segments(block.piece, offset: block.begin, length: block.length)
            guard !segments.isEmpty else { continue }
            blocks.append(block)
            for segment in segments { Self.append(segment, to: &parts) }
        }
        queue.removeFirst(taken)
        self.blocks = blocks
        self.parts = parts
    }

    private static func append(_ segment: FileSegment, to parts: inout [Part]) {
        guard let file = segment.file else {
            if case .zeros(let length)? = parts.last {
                parts[parts.count - 1] = .zeros(length + segment.length)
            } else {
                parts.append(.zeros(segment.length))
            }
            return
        }
        let end = segment.offset + Int64(segment.length)
        if case .bytes(file, let range)? = parts.last, range.upperBound == segment.offset {
            parts[parts.count - 1] = .bytes(file, range.lowerBound..<end)
        } else {
            parts.append(.bytes(file, segment.offset..<end))
        }
    }
}
