import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Synchronization

extension DuplexHost {
    /// Ends one transfer: what is verified is recorded, its files are closed. Nothing on disk is removed.
    public func end(_ id: TransferID) async { _ = await endTelling(id) }

    /// Ends one transfer and tells how it stood at its end; nil if it had ended.
    func endTelling(_ id: TransferID) async -> TransferStatus? {
        let preparing = life.withLock { $0.preparing[id] }
        preparing?.cancel()
        await preparing?.value
        guard
            let driver = try? await run({ [core] live in
                live.remove(id).map { NIOLoopBound($0, eventLoop: core.eventLoop) }
            })
        else { return nil }
        // Blocks on their way to disk still count.
        await settle()
        let save = try? await run { _ in driver.value.saving(isClean: true) }
        if let save { await pool.value(save) }
        return try? await run { _ in
            let status = driver.value.status
            driver.value.preparation?.store.close()
            driver.value.preparation = nil
            return status
        }
    }

    /// Tells a transfer of peers to try.
    public func add(_ peers: [PeerAddress], to id: TransferID) async {
        let expanded = peers.flatMap(Self.withZones)
        try? await run { $0.transfers[id]?.handle(.discovered(expanded, from: .given)) }
    }

    /// Tells whichever transfer has this name on the wire of a peer that was heard of.
    public func heard(of peer: PeerAddress, for hash: WireInfoHash) {
        core.eventLoop.execute { [core] in core.value.heard(of: peer, for: hash) }
    }
}
