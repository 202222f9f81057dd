import Metainfo
import PeerWire

/// Web seeds (BEP 19): web servers that have everything and unchoke everybody, and are nobody's duty to be used.
///
/// To the engine one is a peer that never asks for anything. It is asked for long stretches, since each is a request of
/// its own, and only for what peers do not give soon: a server that everybody asks at once is no swarm.
extension SwarmEngine {
    private enum Use {
        case nothing
        /// Only pieces that no peer has.
        case rest
        case everything
    }

    func requestInRow(from seed: Peer, having pieces: PieceSet, now: Instant) {
        guard let transfer else { return }
        let depth = seed.isSnubbed ? 1 : depth(of: seed)
        let room = depth - seed.outstanding.count
        guard room >= max(depth / 4, 1) else { return }
        let use = use(of: seed, transfer, now: now)
        if case .nothing = use { return }
        let version = transfer.picker.startableVersion
        let others = orderedPeers.filter { $0 !== seed }
        var requests: [BlockRequest] = []
        let foundAll = transfer.picker.pickInRow(
            for: seed.key, having: pieces, from: &seed.nextInRow, start: start(beside: others, transfer), limit: room,
            onlyRest: use == .rest, canStart: seed.exhausted != version || use == .rest, now: now, using: &generator,
            into: &requests)
        if use == .everything { seed.exhausted = foundAll ? nil : version }
        if requests.isEmpty, seed.outstanding.isEmpty, use == .everything, transfer.picker.isEndgame {
            transfer.picker.pickDuplicates(
                for: seed.key, having: pieces, limit: min(room, Self.duplicates), now: now, excluding: { _ in false },
                into: &requests)
        }
        send(requests, to: seed, now: now)
    }

    /// So much that a request brings about as much as comes in two seconds.
    private func depth(of seed: Peer) -> Int {
        let blocks = seed.download.rate * Self.stretchTime / Double(PieceLayout.blockLength)
        return Int(min(max(blocks, Double(Self.shortestStretch)), Double(Self.longestStretch)))
    }

    private func use(of seed: Peer, _ transfer: Transfer, now: Instant) -> Use {
        let peers = orderedPeers.filter { !$0.isWebSeed }
        let isAlone = peers.isEmpty && !directory.isDialing
        guard isAlone || now - transfer.startedAt >= configuration.webSeedPatience else { return .nothing }
        let giving = peers.filter { !$0.isSnubbed && now - $0.lastBlockAt < configuration.webSeedPatience }
        // The same computer would send over the same link, only by another protocol.
        if giving.contains(where: { isSameHost($0, seed) }) { return .nothing }
        let rate = giving.reduce(0) { $0 + $1.download.rate }
        if rate < configuration.webSeedRelief { return .everything }
        return peers.contains { $0.hasEverything } ? .nothing : .rest
    }

    /// Many hosts of a test share the loopback address, and say nothing of each other by it.
    private func isSameHost(_ peer: Peer, _ seed: Peer) -> Bool {
        let address = seed.introduction.address
        guard !address.isUnspecified, !address.isLoopback else { return false }
        return peer.introduction.address.withPort(0) == address.withPort(0)
            || peer.listenAddresses.contains { $0.withPort(0) == address.withPort(0) }
    }

    /// BEP 19: at a random place if peers will want what comes, else where the longest gap begins. Of two web seeds each
    /// takes half.
    private func start(beside others: [Peer], _ transfer: Transfer) -> PiecePicker.RowStart {
        if others.contains(where: { $0.isWebSeed && !$0.outstanding.isEmpty }) { return .middle }
        return !others.isEmpty && transfer.picker.have.isEmpty ? .random : .begin
    }

    private static let stretchTime = 2.0
    /// Blocks: 1 MiB and 32 MiB.
    private static let shortestStretch = 64
    private static let longestStretch = 2048
    private static let duplicates = 64
}
