import Dispatch

// Where the kernel does not tell: looking at sizes and times.
extension WatchTable {
    mutating func rescanFromNowOn(_ id: ID, now: UInt64) {
        detach(id)
        active.insert(id)
        guard let root = roots[id], let place = root.place else { return }
        root.mode = .rescanned
        root.digest = FolderDigest(place)
        root.nextLook = nextLook(after: now, soon: false)
    }

    mutating func rescan(_ id: ID, now: UInt64) {
        guard let root = roots[id] else { return }
        var isSettling = root.firstChange != nil
        if let found = root.look(), found == root.place {
            let digest = FolderDigest(found)
            if digest != root.digest {
                mark(id, now: now)
                isSettling = true
            }
            root.digest = digest
        } else {
            // Once: as long as it is gone, it is quiet.
            if !root.isDoubtful { mark(id, now: now, isDoubtful: true) }
            isSettling = true
        }
        // Whether it is quiet is seen only by looking again.
        root.nextLook = nextLook(after: now, soon: isSettling)
    }

    /// Looking through a huge tree must not become all that this host does.
    private func nextLook(after start: UInt64, soon: Bool) -> UInt64 {
        let end = max(start, DispatchTime.now().uptimeNanoseconds)
        return end + max(soon ? min(settleTime, rescanInterval) : rescanInterval, (end - start) * 20)
    }
}
