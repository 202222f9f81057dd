import Storage
import SwarmEngine
import Transport

/// Files that are deleted or moved away while they are served or fetched.
extension TransferDriver {
    /// What is to be looked at now and then.
    var watched: WatchedContent? {
        guard let preparation, !hasVanished, !isClosed else { return nil }
        return WatchedContent(
            id: id, store: preparation.store, isOffered: preparation.isOffered, isIdle: isIdle)
    }

    /// All that was here is gone: nothing is asked for, written or served any more, and the files are closed. Whoever
    /// has begun the transfer may begin it anew.
    func vanished() {
        guard let preparation, !hasVanished, !isClosed else { return }
        hasVanished = true
        let path = preparation.directory + "/" + preparation.rootName
        let wasWhole = phase == .complete || preparation.isServedOnly
        let error = wasWhole ? TransferError.served(gone: path) : TransferError.fetched(gone: path)
        retryAt = nil
        phase = .paused(message: error.description)
        handle(.paused)
        core.withdraw(self)
        for link in links.values { link.close() }
        webSeeds?.close()
        webSeeds = nil
        preparation.store.close()
        continuation.yield(.gone(message: error.description))
    }
}

/// Content of which somebody looks whether it is still there.
struct WatchedContent: Sendable {
    let id: TransferID
    let store: ContentStore
    /// It is a share of this host's user, who is told of what happens to it by other ways.
    let isOffered: Bool
    /// Nobody is connected.
    let isIdle: Bool

    /// Whether it is gone. Blocks.
    func look() -> Bool {
        if !isOffered, store.isGone() { return true }
        if isIdle { store.closeFiles() } else if isOffered { store.closeDeleted() }
        return false
    }
}

extension TransferError {
    static func served(gone path: String) -> TransferError {
        TransferError("\(path) was deleted or moved away, it is served again when it is put back")
    }

    static func fetched(gone path: String) -> TransferError {
        TransferError("cannot go on with \(path), it was deleted or moved away, put it back")
    }
}

extension Preparation {
    /// Content of the user's own, which was there before.
    var isOffered: Bool { lock == nil && !isServedOnly }
}
