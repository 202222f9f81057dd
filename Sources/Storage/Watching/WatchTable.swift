/// All that is watched, and what is to be told when. Time comes from outside; the rest is looked at here and now.
struct WatchTable<ID: Hashable & Sendable> {
    let settleTime: UInt64
    let patience: UInt64
    let rescanInterval: UInt64
    let maximumWatches: Int
    /// Nil where the kernel does not tell of changes.
    let notifier: Inotify?

    var roots: [ID: WatchedRoot] = [:]
    /// Who looks at what a watch tells. The same folder can be in two trees.
    var users: [Int32: Set<ID>] = [:]
    /// Those that have something to be done by time, so that nobody looks at a thousand others.
    var active: Set<ID> = []
    /// Events that were read while watches were taken away.
    var backlog: [Inotify.Event] = []
    var removedWatches = 0

    private var events: [FolderEvent<ID>] = []
    private var toldNotices: Set<String> = []
    private var reachedLimit: String?

    init(options: FolderWatchOptions) {
        settleTime = options.settleTime.nanoseconds
        patience = options.patience.nanoseconds
        rescanInterval = max(1_000_000, options.rescanInterval.nanoseconds)
        maximumWatches = options.maximumWatches ?? .max
        notifier = options.usesNotifications ? Inotify() : nil
        #if os(Linux)
            if options.usesNotifications && notifier == nil {
                reach("max_user_instances", "the kernel serves no more programs of this user")
            }
        #endif
    }

    mutating func watch(_ path: String, id: ID, now: UInt64) {
        unwatch(id)
        roots[id] = WatchedRoot(path: path)
        if !attach(id, now: now) { lose(id, now: now) }
    }

    mutating func unwatch(_ id: ID) {
        detach(id)
        roots[id] = nil
        active.remove(id)
    }

    // MARK: - Telling

    mutating func tell(_ event: FolderEvent<ID>) { events.append(event) }

    mutating func takeEvents() -> [FolderEvent<ID>] {
        defer { events = [] }
        return events
    }

    /// So some trees must be looked through.
    mutating func reach(_ limit: String, _ reason: String) {
        reachedLimit = limit
        tellOfLimit(limit, reason)
    }

    var figures: WatchFigures {
        WatchFigures(
            folders: users.count, rescanned: roots.values.count { $0.mode == .rescanned }, reachedLimit: reachedLimit)
    }

    mutating func tellOfLimit(_ limit: String, _ reason: String, instead: String = "by time") {
        let text =
            "cannot be told of all changes in folders, \(reason), they are looked through \(instead) instead; "
            + "raise it with `sysctl fs.inotify.\(limit)=NUMBER`"
        if toldNotices.insert(text).inserted { tell(.notice(text)) }
    }

    // MARK: - By time

    mutating func mark(_ id: ID, now: UInt64, isDoubtful: Bool = false) {
        roots[id]?.markChanged(now: now, isDoubtful: isDoubtful)
        active.insert(id)
    }

    /// When to look again; nil if nothing is to be done but by an event.
    var nextWake: UInt64? {
        active.compactMap { dueTime(of: $0) }.min()
    }

    mutating func tellWhatIsDue(now: UInt64) {
        for id in active {
            guard let time = dueTime(of: id) else {
                active.remove(id)
                continue
            }
            guard time <= now else { continue }
            switch roots[id]?.mode {
            case .absent: find(id, now: now)
            case .rescanned where (roots[id]?.nextLook ?? 0) <= now: rescan(id, now: now)
            default: break
            }
            if let settled = settleTime(of: id), settled <= now { settle(id, now: now) }
        }
    }

    private func dueTime(of id: ID) -> UInt64? {
        guard let root = roots[id] else { return nil }
        switch root.mode {
        case .notified: return settleTime(of: id)
        case .absent: return root.nextLook
        case .rescanned: return min(root.nextLook, settleTime(of: id) ?? .max)
        }
    }

    private func settleTime(of id: ID) -> UInt64? {
        guard let root = roots[id], let first = root.firstChange else { return nil }
        return min(root.lastChange + settleTime, first + patience)
    }

    private mutating func settle(_ id: ID, now: UInt64) {
        roots[id]?.firstChange = nil
        if roots[id]?.isDoubtful == true {
            roots[id]?.isDoubtful = false
            guard let found = roots[id]?.look() else { return lose(id, now: now) }
            if found == roots[id]?.place {
                // Events were lost; those that tell of new folders may be among them.
                watchAgain(id, now: now)
            } else {
                detach(id)
                guard attach(id, now: now) else { return lose(id, now: now) }
            }
        }
        tell(.changed(id))
    }

    // MARK: - Coming and going

    /// Begins to watch what is there; false if nothing is.
    private mutating func attach(_ id: ID, now: UInt64) -> Bool {
        guard let place = roots[id]?.look() else { return false }
        roots[id]?.place = place
        roots[id]?.path = place.path
        roots[id]?.firstChange = nil
        roots[id]?.isDoubtful = false
        if notifier != nil, addWatches(id) {
            roots[id]?.mode = .notified
        } else {
            rescanFromNowOn(id, now: now)
        }
        return true
    }

    private mutating func lose(_ id: ID, now: UInt64) {
        detach(id)
        roots[id]?.mode = .absent
        roots[id]?.firstChange = nil
        roots[id]?.nextLook = now + rescanInterval
        active.insert(id)
        tell(.vanished(id))
    }

    private mutating func find(_ id: ID, now: UInt64) {
        if attach(id, now: now) {
            tell(.returned(id))
        } else {
            roots[id]?.nextLook = now + rescanInterval
        }
    }
}
