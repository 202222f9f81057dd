import Crypto
import Metainfo
import NIOCore
import PeerWire
import SwarmEngine
import WebWire

/// The web seeds of one transfer (BEP 19): introduces each to the engine as a peer that has everything, takes leave of
/// those that fail, and brings them back later.
///
/// Confined to the host's event loop.
final class WebSeeds {
    private weak var driver: TransferDriver?
    private var all: [WebSeed] = []
    private var present: [PeerKey: WebSeed] = [:]

    /// A torrent can name any number; so many are looked at, and so many of them are used at a time.
    private static let maximum = 32
    private static let maximumPresent = 8

    init(_ addresses: [String], of info: TorrentInfo, driver: TransferDriver) {
        self.driver = driver
        var known: Set<String> = []
        var skipsTLS = false
        for text in addresses {
            guard let url = try? WebSeedURL(parsing: text, of: info), known.insert(url.base.description).inserted else {
                continue
            }
            guard url.base.scheme == .http else {
                skipsTLS = true
                continue
            }
            all.append(WebSeed(url, info: info, driver: driver))
            if all.count == Self.maximum { break }
        }
        if skipsTLS, all.isEmpty {
            driver.continuation.yield(
                .notice("the web seeds of this torrent speak https, which is not there yet: only peers are asked"))
        }
    }

    subscript(key: PeerKey) -> WebSeed? { present[key] }

    /// Introduces those whose time has come. Four times a second.
    func tick() {
        for seed in all { seed.tick() }
        guard let driver, driver.phase == .fetching, !driver.isClosed else { return }
        for seed in all where seed.mayJoin && present.count < Self.maximumPresent {
            guard !driver.engine.status.isComplete else { return }
            join(seed)
        }
    }

    func join(_ seed: WebSeed) {
        guard let driver else { return }
        let key = driver.core.makePeerKey()
        present[key] = seed
        seed.key = key
        driver.handle(
            .peerConnected(
                key,
                PeerIntroduction(
                    id: Self.peerID(seed.url.base), address: seed.address, isOutgoing: false, supportsFast: true,
                    supportsExtensions: false, isV2: false, webSeed: seed.url.base.authority)))
        guard seed.key == key else { return }
        driver.receive([.message(.haveAll), .message(.unchoke)], blocks: [], from: key)
    }

    /// A web seed goes: the engine asks others.
    func leave(_ seed: WebSeed) {
        guard let key = seed.key else { return }
        present[key] = nil
        seed.key = nil
        driver?.handle(.peerDisconnected(key))
    }

    /// The engine parts from one.
    ///
    /// - Returns: false if it is none.
    func dropped(_ key: PeerKey, _ reason: DisconnectReason) -> Bool {
        guard let seed = present.removeValue(forKey: key) else { return false }
        seed.key = nil
        seed.dropped(reason)
        return true
    }

    func hold(_ isHeld: Bool) {
        for seed in all { seed.isStorageBusy = isHeld }
    }

    func close() {
        for seed in all { seed.close() }
        present = [:]
    }

    /// The same in each run, so that one that was banned stays so.
    private static func peerID(_ url: HTTPURL) -> PeerID {
        let digest = SHA256.hash(data: Array(url.description.utf8))
        let bytes = Array("-WS0000-".utf8) + digest.prefix(PeerID.length - 8)
        var random = SystemRandomNumberGenerator()
        return PeerID(bytes) ?? PeerID.make(using: &random)
    }
}
