import Metainfo
import NIOCore
import PeerWire
import Testing
import TestSupport

@Suite struct HostileMessageTests {
    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF], [0x3B, 0x9A, 0xCA, 0x00], [0x80, 0, 0, 0], [0x00, 0x10, 0x00, 0x01],
        ] as [[UInt8]])
    func lengthBeyondTheLimitIsRefusedAtTheLengthField(field: [UInt8]) {
        var framer = MessageFramer()
        let length = field.reduce(0) { $0 << 8 | Int($1) }
        #expect(throws: PeerWireError.messageTooLong(length: length, limit: 1 << 20)) { try framer.feed(field) }
        #expect(framer.bufferedBytes == 0)
        #expect(throws: PeerWireError.self, "the stream stays lost") { try framer.feed([0, 0, 0, 0]) }
        #expect(framer.bufferedBytes == 0)
    }

    /// For each id, lengths that it cannot have although they are below the general limit.
    @Test(
        arguments: [
            (id: 0, length: 2), (id: 1, length: 900_000), (id: 2, length: 5), (id: 3, length: 3), (id: 4, length: 4),
            (id: 4, length: 900_000), (id: 5, length: 262_146), (id: 6, length: 12), (id: 6, length: 14),
            (id: 7, length: 9), (id: 7, length: 16394), (id: 7, length: 1), (id: 8, length: 1), (id: 9, length: 2),
            (id: 13, length: 6), (id: 14, length: 2), (id: 15, length: 1000), (id: 16, length: 1), (id: 17, length: 1),
            (id: 20, length: 1), (id: 21, length: 48), (id: 21, length: 81), (id: 22, length: 48), (id: 22, length: 50),
            (id: 22, length: 49 + 32 * 8257), (id: 23, length: 81),
        ] as [(id: UInt8, length: Int)])
    func wrongLengthIsRefusedAtTheHead(id: UInt8, length: Int) {
        var framer = MessageFramer()
        #expect(throws: PeerWireError.wrongLength(id: id, length: length)) {
            try framer.feed(head(length: length, id: id))
        }
        #expect(framer.bufferedBytes == 0)
    }

    @Test(
        arguments: [
            (id: 0, length: 65539), (id: 0, length: 2), (id: 1, length: 2 + 17409), (id: 2, length: 65539),
            (id: 3, length: 5), (id: 3, length: 7), (id: 4, length: 2), (id: 4, length: 1 << 20),
        ] as [(id: UInt8, length: Int)])
    func wrongExtendedLengthIsRefusedAtTheHead(id: UInt8, length: Int) {
        var framer = MessageFramer()
        #expect(throws: PeerWireError.wrongExtendedLength(id: id, length: length - 2)) {
            try framer.feed(head(length: length, id: 20) + [id])
        }
    }

    @Test func limitsCanBeLowered() {
        var framer = MessageFramer()
        framer.maximumBitfieldLength = 2
        #expect(throws: PeerWireError.wrongLength(id: 5, length: 4)) { try framer.feed(head(length: 4, id: 5)) }
        framer = MessageFramer()
        framer.maximumMessageLength = 10
        #expect(throws: PeerWireError.messageTooLong(length: 13, limit: 10)) {
            try framer.feed(head(length: 13, id: 6))
        }
    }

    @Test func lengthFieldAloneDoesNotGetMemory() throws {
        var framer = MessageFramer()
        #expect(try framer.feed(head(length: 262_145, id: 5)).isEmpty)
        #expect(framer.bufferedBytes == 0)
        #expect(try framer.feed([UInt8](repeating: 0, count: 262_143)).isEmpty)
        #expect(try framer.feed([1]).count == 1)
    }

    @Test(
        arguments: [
            (length: 2, proof: 0, hashes: 3), (length: 2, proof: 1, hashes: 2), (length: 3, proof: 0, hashes: 3),
            (length: 1, proof: 0, hashes: 1), (length: 0, proof: 0, hashes: 0),
            (length: 0xFFFF_FFFF, proof: 0, hashes: 1),
            (length: 2, proof: 0xFFFF_FFFF, hashes: 2), (length: 16384, proof: 0, hashes: 4),
            (length: 512, proof: 9, hashes: 512),
        ] as [(length: Int, proof: Int, hashes: Int)])
    func hashesMustBeAsManyAsTheirHeaderSays(length: Int, proof: Int, hashes: Int) throws {
        let root = try #require(Samples.root)
        let request = HashRequest(root: root, baseLayer: 0, index: 0, length: length, proofLayers: proof)
        var buffer = ByteBuffer()
        PeerMessage.hashes(request, [MerkleHash](repeating: root, count: hashes)).encode(into: &buffer)
        var framer = MessageFramer()
        #expect(throws: PeerWireError.wrongHashCount(length: length, proofLayers: proof, hashes: hashes)) {
            try framer.feed(buffer.readableBytesView)
        }
    }

    @Test func uncleCountsAreThoseSeenFromLibtorrent() throws {
        let root = try #require(Samples.root)
        func count(_ base: Int, _ length: Int, _ proof: Int) -> Int? {
            HashRequest(root: root, baseLayer: base, index: 0, length: length, proofLayers: proof).hashCount
        }
        #expect(count(0, 512, 9) == 513)
        #expect(count(0, 128, 9) == 131)
        #expect(count(2, 64, 5) == 64)
    }

    @Test func mutatedStreamsNeverTrapAndStayBounded() {
        let (bytes, _) = Samples.stream()
        for seed in 0..<400 {
            var generator = TestRandom(seed: UInt64(seed))
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...30, using: &generator) {
                let position = Int.random(in: 0..<mutated.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: mutated[position] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: mutated.remove(at: position)
                default: mutated.insert(UInt8.random(in: 0...30, using: &generator), at: position)
                }
            }
            var framer = MessageFramer()
            let size = Int.random(in: 1...20_000, using: &generator)
            for start in stride(from: 0, to: mutated.count, by: size) {
                guard (try? framer.feed(mutated[start..<min(start + size, mutated.count)])) != nil else { break }
                #expect(framer.bufferedBytes <= 1 << 19)
            }
        }
    }

    private func head(length: Int, id: UInt8) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + [id]
    }
}
