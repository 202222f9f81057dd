import Metainfo
import NIOCore
import WebWire

/// Blocks that one or a few ranges of a web seed bring, cut out of the bytes as they come.
struct SeedRun {
    /// Those that are still wanted and have not come.
    private(set) var open: Set<BlockRequest>
    private var parts: ArraySlice<SeedPlan.Part>
    private var blocks: ArraySlice<BlockRequest>
    /// The beginning of the first of `blocks`.
    private var begun = ByteBuffer()

    init(_ plan: SeedPlan) {
        open = Set(plan.blocks)
        parts = plan.parts[...]
        blocks = plan.blocks[...]
    }

    /// What comes next; nil when all is there.
    var next: SeedPlan.Part? { parts.first }

    /// Blocks that are still wanted, in order.
    var rest: [BlockRequest] { blocks.filter { open.contains($0) } }

    /// - Returns: whether it was among these.
    mutating func cancel(_ block: BlockRequest) -> Bool { open.remove(block) != nil }

    /// Takes bytes of the next part, no more than it has, and calls `body` with each block that is complete and wanted.
    mutating func take(_ bytes: ByteBuffer, _ body: (BlockRequest, ByteBuffer) -> Void) {
        var bytes = bytes
        shortenFirst(by: bytes.readableBytes)
        while let block = blocks.first, bytes.readableBytes > 0 {
            let missing = min(block.length - begun.readableBytes, bytes.readableBytes)
            guard var piece = bytes.readSlice(length: missing) else { return }
            if begun.readableBytes > 0 || missing < block.length {
                if begun.readableBytes == 0 { begun.reserveCapacity(block.length) }
                begun.writeBuffer(&piece)
                guard begun.readableBytes == block.length else { continue }
                piece = begun
                begun = ByteBuffer()
            }
            blocks.removeFirst()
            if open.remove(block) != nil { body(block, piece) }
        }
    }

    private mutating func shortenFirst(by count: Int) {
        guard let first = parts.first else { return }
        switch first {
        case .zeros(let length):
            if length > count { parts[parts.startIndex] = .zeros(length - count) } else { parts.removeFirst() }
        case .bytes(let file, let range):
            let begin = range.lowerBound + Int64(count)
            if begin < range.upperBound {
                parts[parts.startIndex] = .bytes(file, begin..<range.upperBound)
            } else {
                parts.removeFirst()
            }
        }
    }
}
