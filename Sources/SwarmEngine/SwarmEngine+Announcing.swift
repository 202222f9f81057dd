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

    /// Whether this host has so many peers that a piece's way through the swarm has several steps.
    var isAmongMany: Bool { peers.count > 16 }

    /// How long a verified piece may wait for others. Longer among many, who hear of it from each other besides.
    public var announceDelay: TimeSpan {
        let delay = configuration.announceDelay
        return isAmongMany ? TimeSpan(nanoseconds: 3 * delay.nanoseconds) : delay
    }

    /// Whether peers are told of a piece at once: one that comes alone; what is left at the end, which may be all that
    /// somebody waits for; and a piece that hardly any of them has, since it has the longest way before it.
    func isUrgent(_ piece: PieceIndex, of transfer: Transfer, now: Instant) -> Bool {
        now - transfer.announcedAt >= announceDelay || transfer.picker.isComplete
            || transfer.picker.rarity.availability(of: piece) * Self.rarePart < peers.count
    }

    /// A piece is rare where fewer than one of so many peers have it.
    private static let rarePart = 16

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
