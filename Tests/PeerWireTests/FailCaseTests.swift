import Metainfo
import NIOCore
import PeerWire
import Testing
import TestSupport

/// Replays what the fuzzers once crashed on (`Fuzz/FailCases`), and their seeds (`Fuzz/Corpus`).
@Suite struct FailCaseTests {
    @Test func torrents() throws {
        for folder in ["FuzzMetainfo", "FuzzBencode"] {
            for (name, bytes) in try FuzzInputs.all(folder) {
                if let torrent = try? Torrent(decoding: bytes) {
                    let again = try Torrent(decoding: torrent.encoded())
                    #expect(again.info.hashes == torrent.info.hashes, "\(folder)/\(name)")
                }
                if let info = try? TorrentInfo(encoded: bytes) {
                    #expect(info.hashes.match(infoBytes: bytes), "\(folder)/\(name)")
                }
                _ = ExtendedHandshake(decoding: bytes)
                _ = PexMessage(decoding: bytes)
            }
        }
    }

    @Test func magnets() throws {
        let beginning = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&"
        for (name, bytes) in try FuzzInputs.all("FuzzMagnet") {
            let text = String(decoding: bytes, as: UTF8.self)
            for link in [text, beginning + text] {
                guard let magnet = try? MagnetLink(parsing: link) else { continue }
                #expect(try MagnetLink(parsing: magnet.description) == magnet, "\(name)")
            }
        }
    }

    @Test func peerWire() throws {
        for (name, input) in try FuzzInputs.all("FuzzPeerWire") {
            let bytes = Array(input.dropFirst())
            var handshake = ByteBuffer(bytes: bytes)
            var decoder = HandshakeDecoder()
            while let step = try? decoder.decode(&handshake), case .infoHash = step {}
            let cut = 1 + Int(input.first ?? 0)
            #expect(Self.read(bytes, cut: bytes.count) == Self.read(bytes, cut: cut), "\(name)")
            if let address = PeerAddress(parsing: String(decoding: bytes.prefix(128), as: UTF8.self)) {
                #expect(PeerAddress(parsing: address.description) == address, "\(name)")
            }
        }
    }

    private static func read(_ bytes: [UInt8], cut: Int) -> [WireItem] {
        var framer = MessageFramer()
        var items: [WireItem] = []
        for start in stride(from: 0, to: bytes.count, by: max(1, cut)) {
            framer.append(ByteBuffer(bytes: bytes[start..<min(start + cut, bytes.count)]))
            while let item = try? framer.next() { items.append(item) }
        }
        return items
    }
}
