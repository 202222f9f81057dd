import Metainfo
import NIOCore
import PeerWire
import Testing
import TestSupport

@Suite struct MessageFramerTests {
    @Test func everyMessageComesBackAsItWas() throws {
        for message in Samples.all {
            var buffer = ByteBuffer()
            #expect(message.encode(into: &buffer, peerExtensions: .ours))
            var framer = MessageFramer()
            #expect(try framer.feed(buffer.readableBytesView) == [.message(message)], "\(message)")
            #expect(framer.bufferedBytes == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 5, 6, 12, 13, 14, 100, 1000, 16384, 16397, 65536])
    func readsOfAnySizeGiveTheSame(size: Int) throws {
        let (bytes, items) = Samples.stream()
        var framer = MessageFramer()
        var found: [WireItem] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            found += try framer.feed(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(found == items)
        #expect(framer.bufferedBytes == 0)
    }

    @Test func readsOfRandomSizesGiveTheSame() throws {
        let (bytes, items) = Samples.stream()
        for seed in 0..<50 {
            var generator = TestRandom(seed: UInt64(seed))
            var framer = MessageFramer()
            var found: [WireItem] = []
            var start = 0
            while start < bytes.count {
                let size = Int.random(in: 1...(1 << Int.random(in: 0...15, using: &generator)), using: &generator)
                found += try framer.feed(bytes[start..<min(start + size, bytes.count)])
                start += size
            }
            #expect(found == items, "seed \(seed)")
        }
    }

    @Test func appendingBeforeDrainingLosesNothing() throws {
        let (bytes, items) = Samples.stream()
        var framer = MessageFramer()
        for start in stride(from: 0, to: bytes.count, by: 999) {
            framer.append(ByteBuffer(bytes: bytes[start..<min(start + 999, bytes.count)]))
        }
        #expect(try framer.feed([]) == items)
    }

    @Test func everyTruncationWaitsForTheRest() throws {
        for message in Samples.all where message != .bitfield([UInt8](repeating: 0xA5, count: 40_000)) {
            var buffer = ByteBuffer()
            message.encode(into: &buffer, peerExtensions: .ours)
            let bytes = Array(buffer.readableBytesView)
            for length in 0..<min(bytes.count, 600) {
                var framer = MessageFramer()
                let early = try framer.feed(bytes[..<length])
                let late = try framer.feed(bytes[length...])
                // Bodies without a meaning are told when their head is seen.
                #expect(early + late == [.message(message)])
            }
        }
    }

    @Test func blockInsideOneReadIsASliceOfIt() throws {
        let bytes = Samples.block(16384)
        var buffer = ByteBuffer()
        for number in 0..<3 {
            let request = BlockRequest(piece: PieceIndex(number), begin: 0, length: bytes.count)
            PeerMessage.writePieceHeader(request, into: &buffer)
            buffer.writeBytes(bytes)
        }
        let storage = buffer.storageRange
        var framer = MessageFramer()
        framer.append(buffer)
        for number in 0..<3 {
            guard case .block(let request, let block) = try framer.next() else {
                Issue.record("no block \(number)")
                return
            }
            #expect(request.piece == PieceIndex(number))
            #expect(Array(block.readableBytesView) == bytes)
            #expect(storage.contains(block.storageRange.lowerBound))
        }
        #expect(try framer.next() == nil)
    }

    @Test func storageOfTheReadIsLetGoOnceDrained() throws {
        var buffer = ByteBuffer(bytes: [0, 0, 0, 1, 2, 0, 0])
        let before = buffer.storageRange
        var framer = MessageFramer()
        framer.append(buffer)
        #expect(try framer.next() == .message(.interested))
        #expect(try framer.next() == nil)
        // A buffer that nobody else holds is cleared in place.
        buffer.clear()
        buffer.writeInteger(UInt8(1))
        #expect(buffer.storageRange.lowerBound == before.lowerBound)
        #expect(framer.bufferedBytes == 2)
    }

    @Test func theRestOfABlockIsKnownAndOfNothingElse() throws {
        var bytes = ByteBuffer()
        let block = BlockRequest(piece: PieceIndex(1), begin: 0, length: 1000)
        bytes.writeInteger(UInt32(9 + block.length))
        bytes.writeBytes([7, 0, 0, 0, 1, 0, 0, 0, 0])
        bytes.writeRepeatingByte(5, count: block.length)
        var framer = MessageFramer()
        #expect(framer.missingBlockBytes == 0)
        _ = try framer.feed(bytes.readableBytesView.prefix(12))
        #expect(framer.missingBlockBytes == 0)
        _ = try framer.feed(bytes.readableBytesView.dropFirst(12).prefix(101))
        #expect(framer.missingBlockBytes == 900)
        _ = try framer.feed(bytes.readableBytesView.dropFirst(113))
        #expect(framer.missingBlockBytes == 0)
        // The announced length of another message is no reason to wait.
        _ = try framer.feed([0, 0, 1, 0, 5, 1, 2, 3])
        #expect(framer.missingBlockBytes == 0)
    }

    @Test func unknownMessagesAreSkippedWithoutBeingKept() throws {
        var framer = MessageFramer()
        #expect(try framer.feed([0, 0x0F, 0xFF, 0xFF, 77, 1, 2]) == [.message(.unknown(id: 77))])
        #expect(framer.bufferedBytes == 0)
        for _ in 0..<0xFFFFC / 4 {
            #expect(try framer.feed([9, 9, 9, 9]) == [])
            #expect(framer.bufferedBytes == 0)
        }
        #expect(try framer.feed([0, 0, 0, 1, 0]) == [.message(.choke)])
        #expect(
            try framer.feed([0, 0, 0, 7, 20, 200, 1, 2, 3, 4, 5, 0, 0, 0, 0])
                == [.message(.extended(.unknown(id: 200))), .message(.keepAlive)])
    }
}

extension ByteBuffer {
    /// Where the readable bytes are in memory.
    fileprivate var storageRange: Range<UInt> {
        withUnsafeReadableBytes { bytes in
            let start = UInt(bitPattern: bytes.baseAddress)
            return start..<(start + UInt(bytes.count))
        }
    }
}
