import Metainfo
import PeerWire
import SwarmEngine

/// Fake disks: they know which blocks were written and which of them are wrong, and take their time.
extension SimulatedNetwork {
    func store(_ block: BlockRequest, isBad: Bool, at host: SimulatedHost, _ slot: Int32) {
        let place = host.slots[Int(slot)]
        let piece = block.piece
        if isBad { place.bad[piece, default: []].insert(block.begin / PieceLayout.blockLength) }
        place.written[piece.rawValue] += 1
        let layout = torrents[place.torrent].info.layout
        guard Int(place.written[piece.rawValue]) == layout.blockCount(piece) else { return }
        let seconds = Double(layout.dataSize(piece)) / host.profile.diskRate
        queue.insert(
            .checked(host: host.number, slot: slot, piece: Int32(piece.rawValue)), for: host.number,
            at: now + TimeSpan(nanoseconds: Int64(seconds * 1e9) + 200_000))
    }

    func checked(_ host: SimulatedHost, _ slot: Int32, _ piece: PieceIndex) {
        guard host.isOnline, !host.isMute else { return }
        if host.isAsleep {
            return host.missed.append(.checked(host: host.number, slot: slot, piece: Int32(piece.rawValue)))
        }
        let place = host.slots[Int(slot)]
        // The program was ended and started again meanwhile: what was not checked is not there.
        let layout = torrents[place.torrent].info.layout
        guard Int(place.written[piece.rawValue]) == layout.blockCount(piece) else { return }
        guard !place.isDiskFull else {
            handle(host, slot, .paused)
            handle(host, slot, .pieceNotStored(piece))
            queue.insert(.retry(host: host.number, slot: slot), for: host.number, at: now + .seconds(5))
            return
        }
        guard place.bad[piece]?.isEmpty ?? true else {
            counters.failedPieces += 1
            place.failedPieces += 1
            return handle(host, slot, .pieceFailed(piece, blockHashes: hashes(of: piece, at: host, slot)))
        }
        place.onDisk.insert(piece)
        handle(host, slot, .pieceVerified(piece))
        guard place.engine.hasUnannounced, !place.isAnnouncementDue else { return }
        place.isAnnouncementDue = true
        let delay = place.engine.announceDelay
        queue.insert(.announce(host: host.number, slot: slot), for: host.number, at: now + delay)
    }

    func retryDisk(_ host: SimulatedHost, _ slot: Int32) {
        let place = host.slots[Int(slot)]
        guard host.isOnline, !host.isMute else { return }
        if host.isAsleep { return host.missed.append(.retry(host: host.number, slot: slot)) }
        if place.isDiskFull {
            queue.insert(.retry(host: host.number, slot: slot), for: host.number, at: now + .seconds(5))
        } else {
            handle(host, slot, .resumed)
        }
    }

    func forget(_ piece: PieceIndex, _ blocks: [Int], at host: SimulatedHost, _ slot: Int32) {
        let place = host.slots[Int(slot)]
        let count = torrents[place.torrent].info.layout.blockCount(piece)
        for block in blocks where block < count {
            place.bad[piece]?.remove(block)
        }
        place.written[piece.rawValue] -= min(place.written[piece.rawValue], UInt16(clamping: blocks.count))
        if place.bad[piece]?.isEmpty ?? false { place.bad[piece] = nil }
    }

    func hashes(of piece: PieceIndex, at host: SimulatedHost, _ slot: Int32) -> [MerkleHash] {
        let place = host.slots[Int(slot)]
        let torrent = torrents[place.torrent]
        let bad = place.bad[piece] ?? []
        return (0..<torrent.info.layout.blockCount(piece)).map {
            bad.contains($0) ? SimulatedTorrent.badHash : torrent.hash(piece, $0)
        }
    }
}
