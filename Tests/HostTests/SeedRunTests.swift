import Metainfo
import NIOCore
import Testing
import WebWire

@testable import Host

/// Cutting what a web seed sends into blocks.
@Suite struct SeedRunTests {
    @Test(arguments: [1, 7, 1000, 16384, 20_000, 200_000])
    func anyCutGivesTheSameBlocks(step: Int) {
        let layout = PieceLayout(fileLengths: [20_000, 10_000, 50_000], pieceLength: 65536, format: .v1)
        let content = ByteBuffer(bytes: (0..<80_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
        var queue = (0..<layout.pieceCount).flatMap { piece in
            (0..<layout.blockCount(PieceIndex(piece))).map {
                BlockRequest(
                    piece: PieceIndex(piece), begin: $0 * 16384, length: layout.blockSize(PieceIndex(piece), block: $0))
            }
        }
        let all = queue
        var run = SeedRun(SeedPlan(taking: &queue, of: layout))
        let cancelled = all[1]
        #expect(run.cancel(cancelled) && !run.cancel(cancelled))
        var found: [BlockRequest: ByteBuffer] = [:]
        var at = 0
        while let part = run.next {
            guard case .bytes(_, let range) = part else { break }
            let count = min(step, range.count)
            let bytes = content.getSlice(at: at, length: count) ?? ByteBuffer()
            run.take(bytes) { found[$0] = $1 }
            at += count
        }
        #expect(at == 80_000)
        #expect(Set(found.keys) == Set(all).subtracting([cancelled]))
        for (block, bytes) in found {
            #expect(bytes == content.getSlice(at: block.piece.rawValue * 65536 + block.begin, length: block.length))
        }
        #expect(run.open.isEmpty)
    }
}
