import NIOCore
import PeerWire
import Testing

@Suite struct ExtendedMessageTests {
    private func decode(_ id: UInt8, _ body: String) throws -> WireItem? {
        try decode(id, Array(body.utf8))
    }

    private func decode(_ id: UInt8, _ body: [UInt8]) throws -> WireItem? {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(2 + body.count))
        buffer.writeBytes([20, id] + body)
        var framer = MessageFramer()
        return try framer.feed(buffer.readableBytesView).first
    }

    @Test func readsTheHandshakeOfLibtorrent() throws {
        let text =
            "d1:ei0e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1ee"
            + "13:metadata_sizei12345e4:reqqi2000e11:upload_onlyi1e1:v18:libtorrent/2.0.8.06:yourip4:\u{7f}\u{0}\u{0}\u{1}e"
        let expected = ExtendedHandshake(
            ids: ExtensionIDs(metadata: 2, pex: 1, dontHave: 7, uploadOnly: 3), client: "libtorrent/2.0.8.0",
            yourIP: [127, 0, 0, 1], requestQueue: 2000, metadataSize: 12345, uploadOnly: true)
        #expect(try decode(0, text) == .message(.extended(.handshake(expected))))
    }

    @Test func keysOfTheWrongTypeCountAsMissing() throws {
        let text = "d1:m4:nope13:metadata_sizei-1e1:pi70000e4:reqq2:xx11:upload_onlyle1:vi1e6:yourip3:abce"
        #expect(try decode(0, text) == .message(.extended(.handshake(ExtendedHandshake(ids: .none)))))
        let ids = "d1:md6:ut_pexi256e11:ut_metadatai0e11:lt_donthavei-1eee"
        let expected = ExtendedHandshake(ids: ExtensionIDs(metadata: 0))
        #expect(try decode(0, ids) == .message(.extended(.handshake(expected))))
    }

    @Test func clientNamesCannotSteerATerminal() throws {
        let name = "\u{1B}[2Jevil\u{202E}" + String(repeating: "x", count: 100)
        let found = try decode(0, "d1:v\(name.utf8.count):\(name)e")
        guard case .message(.extended(.handshake(let handshake))) = found else {
            Issue.record("no handshake")
            return
        }
        #expect(handshake.client == "[2Jevil" + String(repeating: "x", count: 57))
    }

    @Test(arguments: ["de", "i1e", "le", "d1:x", "xx", "d1:mde1", "4:spam"])
    func onlyADictionaryIsAHandshake(text: String) {
        let whole = text == "de"
        #expect(((try? decode(0, text)) != nil) == whole)
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "l", count: 60_000)
        #expect(throws: PeerWireError.malformedExtended(id: 0)) { try decode(0, "d1:x" + deep) }
    }

    @Test func laterHandshakesAreDeltas() {
        var ids = ExtensionIDs(metadata: 2, pex: 1)
        ids.merge(ExtensionIDs(pex: 0, dontHave: 9))
        #expect(ids.id(for: .metadata) == 2)
        #expect(ids.id(for: .pex) == nil)
        #expect(ids.id(for: .dontHave) == 9)
        #expect(ids.id(for: .uploadOnly) == nil)
        #expect(ids.id(for: .handshake) == 0)
    }

    @Test func outgoingMessagesUseThePeersIDs() {
        var buffer = ByteBuffer()
        #expect(
            PeerMessage.extended(.uploadOnly(true)).encode(into: &buffer, peerExtensions: ExtensionIDs(uploadOnly: 77)))
        #expect(Array(buffer.readableBytesView) == [0, 0, 0, 3, 20, 77, 1])
        buffer.clear()
        for message in Samples.extended.filter({ $0 != .extended(.unknown(id: 200)) }).dropFirst(2) {
            #expect(!message.encode(into: &buffer, peerExtensions: .none))
        }
        #expect(buffer.readableBytes == 0)
    }

    @Test func metadataMessagesAsBEP9ShowsThem() throws {
        #expect(
            try decode(1, "d8:msg_typei0e5:piecei0ee") == .message(.extended(.metadata(.request(piece: 0)))))
        #expect(
            try decode(1, "d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx")
                == .message(
                    .extended(
                        .metadata(
                            .data(piece: 0, totalSize: 34256, bytes: [UInt8](repeating: UInt8(ascii: "x"), count: 8)))))
        )
        #expect(try decode(1, "d8:msg_typei2e5:piecei0ee") == .message(.extended(.metadata(.reject(piece: 0)))))
        #expect(try decode(1, "d8:msg_typei9e5:piecei0ee") == .message(.extended(.unknown(id: 1))))
    }

    @Test(arguments: [
        "de", "d8:msg_typei0ee", "d8:msg_typei0e5:piecei-1ee", "d8:msg_typei0e5:piecei4294967296ee",
        "d8:msg_typei1e5:piecei0eexxxx", "d8:msg_typei1e5:piecei0e10:total_sizei-5eexxxx",
        "d8:msg_typei1e5:piecei0e10:total_sizei1000000000000eexxxx", "d8:msg_typei1e5:piecei0e10:total_sizei5ee", "le",
        "d8:msg_type1:05:piecei0ee",
    ])
    func malformedMetadataMessagesAreRefused(text: String) {
        #expect(throws: PeerWireError.malformedExtended(id: 1)) { try decode(1, text) }
    }

    @Test func blockLongerThan16KiBIsRefused() {
        let block = [UInt8](repeating: 0, count: 16385)
        #expect(throws: PeerWireError.malformedExtended(id: 1)) {
            try decode(1, Array("d8:msg_typei1e5:piecei0e10:total_sizei34256ee".utf8) + block)
        }
    }

    @Test func uselessPexAddressesAreLeftOut() throws {
        let added: [UInt8] = [
            192, 0, 2, 1, 0, 0, 224, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 255, 255, 255, 255, 1, 1, 192, 0, 2, 1, 1, 1,
        ]
        let body = Array("d5:added30:".utf8) + added + Array("7:added.f5:".utf8) + [1, 2, 3, 4, 5] + Array("e".utf8)
        let address = try #require(PeerAddress(parsing: "192.0.2.1:257"))
        let expected = PexMessage(added: [.init(address: address, flags: .init(rawValue: 5))])
        #expect(try decode(2, body) == .message(.extended(.pex(expected))))
    }

    @Test func pexListsAreBoundedAndWhole() throws {
        let many = (0..<2000).flatMap { number -> [UInt8] in [10, 0, UInt8(number >> 8), UInt8(number & 0xFF), 1, 1] }
        let body = Array("d5:added\(many.count):".utf8) + many + Array("7:dropped5:abcdee".utf8)
        guard case .message(.extended(.pex(let pex))) = try decode(2, body) else {
            Issue.record("no pex")
            return
        }
        #expect(pex.added.count == PexMessage.maximumPeers)
        #expect(pex.added.allSatisfy { $0.flags == [] })
        #expect(pex.dropped.isEmpty)
    }
}
