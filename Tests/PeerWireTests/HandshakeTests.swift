import Metainfo
import NIOCore
import PeerWire
import Testing
import TestSupport

@Suite struct HandshakeTests {
    private func sample() throws -> Handshake {
        Handshake(
            reserved: [.extensionProtocol, .fast, .v2Upgrade],
            infoHash: try #require(WireInfoHash([UInt8](repeating: 0xAB, count: 20))),
            peerID: try #require(PeerID(Array("-DX0100-abcdefghijkl".utf8))))
    }

    @Test func bytesAreThoseOfBEP3() throws {
        var buffer = ByteBuffer()
        try sample().encode(into: &buffer)
        let expected: [UInt8] =
            [19] + Array("BitTorrent protocol".utf8) + [0, 0, 0, 0, 0, 0x10, 0, 0x14]
            + [UInt8](repeating: 0xAB, count: 20) + Array("-DX0100-abcdefghijkl".utf8)
        #expect(Array(buffer.readableBytesView) == expected)
        #expect(expected.count == Handshake.length)
    }

    @Test(arguments: [1, 7, 20, 47, 48, 49, 67, 68, 100])
    func decodesWhateverTheReadsAre(size: Int) throws {
        let handshake = try sample()
        var wire = ByteBuffer()
        handshake.encode(into: &wire)
        wire.writeBytes([0, 0, 0, 0])
        var decoder = HandshakeDecoder()
        var steps: [HandshakeDecoder.Step] = []
        var buffer = ByteBuffer()
        while steps.last != .complete(handshake), let part = wire.readSlice(length: min(size, wire.readableBytes)) {
            guard part.readableBytes > 0 else { break }
            buffer.writeImmutableBuffer(part)
            while true {
                let step = try decoder.decode(&buffer)
                if step == .needMore { break }
                steps.append(step)
                if case .complete = step { break }
            }
        }
        #expect(steps == [.infoHash(handshake.reserved, handshake.infoHash), .complete(handshake)])
        #expect(buffer.readableBytes + wire.readableBytes == 4)
    }

    @Test func infoHashIsToldBeforeThePeerID() throws {
        let handshake = try sample()
        var wire = ByteBuffer()
        handshake.encode(into: &wire)
        var decoder = HandshakeDecoder()
        let part = wire.readSlice(length: 48)
        var first = try #require(part)
        #expect(try decoder.decode(&first) == .infoHash(handshake.reserved, handshake.infoHash))
        #expect(try decoder.decode(&first) == .needMore)
        #expect(try decoder.decode(&wire) == .complete(handshake))
    }

    @Test(
        arguments: [
            (bytes: [0x16, 3, 1], offset: 0), (bytes: [19] + Array("Bittorrent".utf8), offset: 4),
            (bytes: [0xFF], offset: 0),
        ] as [(bytes: [UInt8], offset: Int)])
    func wrongByteIsRefusedAtOnce(bytes: [UInt8], offset: Int) {
        var decoder = HandshakeDecoder()
        var buffer = ByteBuffer(bytes: bytes)
        #expect(throws: PeerWireError.notBitTorrent(offset: offset, byte: bytes[offset])) {
            try decoder.decode(&buffer)
        }
    }

    @Test func reservedBitsSitWhereTheBEPsSay() {
        #expect(ReservedBits.extensionProtocol.rawValue.bigEndianBytes == [0, 0, 0, 0, 0, 0x10, 0, 0])
        #expect(ReservedBits.dht.rawValue.bigEndianBytes == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(ReservedBits.fast.rawValue.bigEndianBytes == [0, 0, 0, 0, 0, 0, 0, 4])
        #expect(ReservedBits.v2Upgrade.rawValue.bigEndianBytes == [0, 0, 0, 0, 0, 0, 0, 0x10])
    }

    @Test func peerIDsAreOursAndDiffer() throws {
        var generator = TestRandom(seed: 1)
        let one = PeerID.make(using: &generator)
        let other = PeerID.make(using: &generator)
        #expect(one != other)
        #expect(Array(one.bytes.prefix(8)) == Array("-DX0100-".utf8))
        #expect(one.bytes.count == 20)
        #expect(PeerID(one.bytes) == one)
        #expect(PeerID(one.bytes.dropLast()) == nil)
        #expect(PeerID([UInt8](repeating: 10, count: 20))?.description.hasPrefix("\\x0a\\x0a") == true)
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * $0)) }
    }
}
