import Metainfo
import PeerWire
import SwarmEngine

/// Hosts join, leave, sleep and crash.
extension SimulatedNetwork {
    func switchOn(_ host: SimulatedHost) {
        guard !host.isOnline else { return }
        host.isOnline = true
        host.isMute = false
        host.isAsleep = false
        links[Int(host.number)].downBusyUntil = now
        links[Int(host.number)].messagesDownUntil = now
        // What the others' TCP has been sending again finds nobody who knows of it.
        for key in host.forgotten where flows[Int(key ^ 1)].isOpen && flows[Int(key ^ 1)].flyingBytes > 0 {
            queue.insert(.closed(flow: key ^ 1), for: flows[Int(key ^ 1)].host, at: now + .seconds(1))
        }
        host.forgotten = []
        if !host.isTicking {
            host.isTicking = true
            // Not all at the same instant.
            let offset = Int64.random(in: 0..<Self.tickInterval.nanoseconds, using: &generator)
            queue.insert(.tick(host: host.number), for: host.number, at: now + TimeSpan(nanoseconds: offset))
        }
        for slot in host.slots.indices { begin(host, Int32(slot)) }
    }

    func begin(_ host: SimulatedHost, _ slot: Int32) {
        let place = host.slots[Int(slot)]
        let torrent = torrents[place.torrent]
        if place.startedAt != nil {
            place.engine = makeEngine(for: place.torrent, at: host, id: place.peerID)
            place.written = place.written.map { _ in 0 }
            place.bad = [:]
            place.isAnnouncementDue = false
        }
        place.startedAt = place.startedAt ?? now
        let activation = Activation(
            info: torrent.info, layers: torrent.layers, have: place.onDisk,
            wanted: PieceSet(fullWithCapacity: torrent.pieceCount))
        handle(host, slot, .activated(activation))
        if !place.peers.isEmpty { handle(host, slot, .discovered(place.peers, from: .given)) }
    }

    /// The program ends: the others hear of it. Its disk keeps what was verified; ``start(_:at:)`` begins again there.
    public func stop(_ number: HostNumber) {
        let host = hosts[number.index]
        for key in host.connections { close(key) }
        switchOff(host)
    }

    /// The power fails or the cable is cut: nobody hears of it, packets to it vanish.
    public func crash(_ number: HostNumber) {
        let host = hosts[number.index]
        host.forgotten = host.connections
        for key in host.connections {
            flows[Int(key)].isForgotten = true
            close(key, isHeard: false)
        }
        switchOff(host)
        host.isMute = true
    }

    private func switchOff(_ host: SimulatedHost) {
        host.isOnline = false
        host.connections = []
        host.round.removeAll()
        // Its next tick may be among what it has not noticed.
        for case .tick in host.missed { host.isTicking = false }
        host.isAsleep = false
        host.missed = []
    }

    /// The lid is closed: nothing happens there until ``wake(_:)``, and what is sent to it waits.
    public func sleep(_ number: HostNumber) {
        hosts[number.index].isAsleep = true
    }

    public func wake(_ number: HostNumber) {
        let host = hosts[number.index]
        guard host.isAsleep else { return }
        host.isAsleep = false
        let missed = host.missed
        host.missed = []
        for happening in missed { queue.insert(happening, for: host.number, at: now) }
        sendNext(host)
    }

    /// Fills a host's disk, or empties it.
    public func setDiskFull(_ isFull: Bool, at number: HostNumber) {
        for slot in hosts[number.index].slots { slot.isDiskFull = isFull }
    }
}
