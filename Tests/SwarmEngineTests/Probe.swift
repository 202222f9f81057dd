import Metainfo
import PeerWire
import TestSupport

@testable import SwarmEngine

/// One engine whose peers are played by a test, message by message.
final class Probe {
    let engine: SwarmEngine
    let torrent: TestTorrent
    private(set) var actions: [SwarmAction] = []
    var now = Instant.zero
    private var nextKey = 0

    /// - Parameter have: pieces; nil: knows no more than the hashes.
    init(_ torrent: TestTorrent, have: [Int]?, layers: Bool = true, _ configuration: SwarmConfiguration = .init()) {
        self.torrent = torrent
        engine = SwarmEngine(
            hashes: torrent.info.hashes, ownID: TestHost.id(0), configuration: configuration, seed: 1)
        guard let have else { return }
        hand(
            .activated(
                Activation(
                    info: torrent.info, layers: layers ? torrent.layers : PieceLayers(),
                    have: PieceSetFactory.set(have, of: torrent.pieceCount), wanted: torrent.full)))
    }

    func hand(_ event: SwarmEvent) { actions += engine.handle(event, now: now) }

    func connect(
        _ number: Int, isOutgoing: Bool = false, fast: Bool = true, v2: Bool = true, port: UInt16 = 6881
    ) -> PeerKey {
        nextKey += 1
        hand(
            .peerConnected(
                PeerKey(nextKey),
                PeerIntroduction(
                    id: TestHost.id(number), address: PeerAddress(ipv4: 0x0B00_0001 + UInt32(number) << 8, port: port),
                    isOutgoing: isOutgoing, supportsFast: fast, supportsExtensions: true, isV2: v2)))
        return PeerKey(nextKey)
    }

    func receive(_ key: PeerKey, _ messages: PeerMessage...) {
        hand(.received(key, messages.map { .message($0) }))
    }

    /// Ticks four times a second.
    func pass(seconds: Int, _ body: () -> Void = {}) {
        for _ in 0..<4 * seconds {
            now = now + .milliseconds(250)
            hand(.tick)
            body()
        }
    }

    func sent(to key: PeerKey) -> [PeerMessage] {
        actions.compactMap { if case .send(key, let message) = $0 { message } else { nil } }
    }

    func reason(_ key: PeerKey) -> DisconnectReason? {
        for case .disconnect(key, let reason) in actions { return reason }
        return nil
    }

    func forgetActions() { actions = [] }
}
