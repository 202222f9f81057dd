import Metainfo
import Testing

@Suite("Hashes as values")
struct HashBytesTests {
    @Test("Bytes and hexadecimal digits, exactly as many as there must be")
    func conversion() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let hash = try #require(MerkleHash(bytes))
        #expect(
            hash.bytes == bytes && MerkleHash(hex: hash.hex) == hash && MerkleHash(hex: hash.hex.uppercased()) == hash)
        #expect(MerkleHash(bytes[1...]) == nil && MerkleHash(bytes + [0]) == nil && MerkleHash([]) == nil)
        #expect(MerkleHash(bytes.lazy.map { $0 }) == hash)
        let wire = try #require(WireInfoHash(bytes[3..<23]))
        #expect(wire.bytes == Array(bytes[3..<23]) && wire.withUnsafeBytes { $0.count } == 20)
        #expect(WireInfoHash(hex: "zz") == nil && WireInfoHash(hex: String(wire.hex.dropLast())) == nil)
        #expect(MemoryLayout<MerkleHash>.size == 32 && MemoryLayout<WireInfoHash>.size == 20)
        var copy = [UInt8](repeating: 0, count: 20)
        copy.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { wire.copyBytes(to: base) }
        }
        #expect(copy == wire.bytes)
    }

    @Test("Order is that of the bytes")
    func order() throws {
        let low = try #require(MerkleHash([0] + [UInt8](repeating: 0xFF, count: 31)))
        let high = try #require(MerkleHash([1] + [UInt8](repeating: 0, count: 31)))
        #expect(low < high && !(high < low) && MerkleHash.zero < low)
    }

    @Test("Names on the wire, and matching")
    func names() throws {
        let info = Array("d4:name1:xe".utf8)
        let hybrid = InfoHashes(hashing: info, format: .hybrid)
        #expect(hybrid.wireHashes.count == 2 && hybrid.wireHashes[0] == hybrid.v1?.wire)
        #expect(hybrid.wireHashes[1].bytes == hybrid.v2.map { Array($0.bytes.prefix(20)) })
        #expect(hybrid.match(infoBytes: info) && !hybrid.match(infoBytes: info + [0]))
        let mixed = InfoHashes(v1: hybrid.v1, v2: InfoHashV2(hashing: [1]))
        #expect(mixed?.match(infoBytes: info) == false)
        #expect(InfoHashes(v1: nil, v2: nil) == nil)
        #expect(throws: MetainfoError.hashMismatch) { try TorrentInfo(encoded: info + [0], expecting: hybrid) }
    }
}
