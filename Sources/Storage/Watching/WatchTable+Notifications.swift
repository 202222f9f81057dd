// What the kernel tells, and what follows from it.
extension WatchTable {
    mutating func readNotifications(now: UInt64) {
        guard let notifier else { return }
        backlog += notifier.read()
        while !backlog.isEmpty {
            let events = backlog
            backlog = []
            for event in events { take(event, now: now) }
        }
    }

    private mutating func take(_ event: Inotify.Event, now: UInt64) {
        if event.flags.contains(.overflow) { return takeOverflow(now: now) }
        guard let ids = users[event.watch] else { return }
        if event.flags.contains(.ignored) { users[event.watch] = nil }
        for id in ids {
            guard let root = roots[id] else { continue }
            if event.watch == root.top || root.ancestors.contains(event.watch) {
                let isGone = !event.flags.isDisjoint(with: Inotify.Flags.gone.union(.ignored))
                if isGone { mark(id, now: now, isDoubtful: true) }
            }
            if event.flags.contains(.ignored) {
                roots[id]?.ancestors.remove(event.watch)
                if event.watch == root.top {
                    roots[id]?.folders[event.watch] = nil
                } else {
                    removeFolder(event.watch, id)
                }
            } else if root.folders[event.watch] != nil {
                take(event, in: root, id, now: now)
            }
        }
    }

    private mutating func takeOverflow(now: UInt64) {
        tellOfLimit("max_queued_events", "there were more than the kernel keeps", instead: "once more")
        for (id, root) in roots where root.mode == .notified { mark(id, now: now, isDoubtful: true) }
    }

    private mutating func take(_ event: Inotify.Event, in root: WatchedRoot, _ id: ID, now: UInt64) {
        guard let name = event.name else {
            // The folder itself: of the tree's own one the permissions matter, others their parent tells of.
            if event.watch == root.top, event.flags.contains(.attributes) { mark(id, now: now) }
            return
        }
        if root.place?.isFile == true {
            guard root.place?.name == name else { return }
            let entries: Inotify.Flags = [.deleted, .movedFrom, .created, .movedTo]
            mark(id, now: now, isDoubtful: !event.flags.isDisjoint(with: entries))
        } else if event.flags.contains(.isFolder) {
            takeFolder(name, event, root, id, now: now)
        } else if !isOmitted(name, event.flags) {
            mark(id, now: now)
        }
    }

    private mutating func takeFolder(
        _ name: String, _ event: Inotify.Event, _ root: WatchedRoot, _ id: ID, now: UInt64
    ) {
        guard !name.isEmpty, OmissionRule.reason(forName: name) == nil else { return }
        if !event.flags.isDisjoint(with: [.movedFrom, .deleted]) {
            if let child = root.folders[event.watch]?.children[name] { removeFolder(child, id) }
            mark(id, now: now)
            return
        }
        guard let child = root.folders[event.watch]?.children[name] else {
            // Also when its permissions changed: perhaps only now it can be read.
            addFolder(name, in: event.watch, id, now: now)
            return mark(id, now: now)
        }
        if event.flags.contains(.attributes) {
            // Perhaps it cannot be read any more, or only now what is in it can be reached.
            addSubfolders(of: child, id, now: now)
            mark(id, now: now)
        }
    }

    private func isOmitted(_ name: String, _ flags: Inotify.Flags) -> Bool {
        if name.isEmpty { return true }
        // With it goes the reason why the file beside it was left out.
        if OmissionRule.fileControlled(by: name) != nil { return flags.isDisjoint(with: [.deleted, .movedFrom]) }
        return OmissionRule.reason(forName: name) != nil
    }
}
