import Metainfo
import PeerWire

/// Telling peers of new pieces. In a swarm of many, a message of its own for each piece and peer would cost more than
/// the pieces themselves: those of a short while travel together.
extension SwarmEngine {
    /// Whether there are pieces that not all peers have been told of; ``SwarmEvent/announce`` tells them.
    public var hasUnannounced: Bool {
        guard let transfer else { return false }
        return !transfer.announcements.isEmpty
    }

    /// How long a verified piece may wait for others. Longer among many, who hear of it from each other besides.
    public var announceDelay: TimeSpan {
        let delay = configuration.announceDelay
        return peers.count > 16 ? TimeSpan(nanoseconds: 2 * delay.nanoseconds) : delay
    }

    func announce(now: Instant) {
        guard let transfer, hasUnannounced else { return }
        for peer in orderedPeers {
            for piece in transfer.announcements where concerns(piece, peer) {
                send(.have(piece), to: peer, now: now)
            }
        }
        transfer.announcements.removeAll(keepingCapacity: true)
        transfer.announcedAt = now
    }

    /// Seeders need not know what others have, but for one that gives out the first copy. Nor does a peer that has the
    /// piece, if it learns from `upload_only` (BEP 21) when this host has everything.
    private func concerns(_ piece: PieceIndex, _ peer: Peer) -> Bool {
        if peer.hasEverything { return peer.suggestedAt != nil }
        return !peer.has(piece) || peer.extensions.id(for: .uploadOnly) == nil
    }
}
