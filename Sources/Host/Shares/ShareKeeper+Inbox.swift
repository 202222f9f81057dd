import Metainfo
import Storage

/// Shares that take files from visitors.
extension ShareKeeper {
    func checkInbox(_ request: Request, _ path: String) throws(ShareError) {
        guard FileTime.isFolder(path) else {
            throw ShareError(
                kind: .invalid, description: "cannot make \(path) an inbox, it is not a folder, choose one")
        }
        guard request.torrent == nil else {
            throw ShareError(
                kind: .invalid,
                description: "cannot make \(path) an inbox, its torrent fixes what is in it, share it without one")
        }
        guard request.scope == .public else {
            throw ShareError(
                kind: .invalid,
                description: "cannot make \(path) an inbox for whoever has the link, visitors find it on this host's "
                    + "page, make it public")
        }
    }

    /// Those that take files, whether or not there are any in them.
    var inboxes: [Inbox] {
        live.values.compactMap { share in
            guard share.entry.isInbox == true, share.entry.scope == .public else { return nil }
            return Inbox(shareID: share.entry.id, name: share.entry.name, path: share.entry.path)
        }
    }

    /// A visitor has put a file into a share. It is offered at once; of many that come together, the others within a
    /// second.
    func arrived(_ id: String) {
        guard let share = live.values.first(where: { $0.entry.id == id }), share.arrival == nil else { return }
        let name = share.entry.name
        let isFirst = share.lastArrival.map { $0 < .now - .seconds(1) } ?? true
        live[name]?.lastArrival = .now
        if isFirst { return hash(name) }
        live[name]?.arrival = Task {
            try? await Task.sleep(for: .seconds(1))
            self.hashArrived(name, id)
        }
    }

    private func hashArrived(_ name: String, _ id: String) {
        guard live[name]?.entry.id == id else { return }
        live[name]?.arrival = nil
        live[name]?.lastArrival = .now
        hash(name)
    }

    /// An inbox that holds nothing is open all the same.
    func becameEmpty(_ name: String, _ id: String, _ cause: CreationError) async {
        guard let share = live[name], share.entry.id == id else { return }
        live[name]?.torrent = nil
        live[name]?.fileCount = 0
        live[name]?.message =
            if case .nothingReadable(_, let entries) = cause {
                "what is in it may not be read (permission denied): \(entries); waiting for what visitors bring"
            } else {
                "empty, waiting for what visitors bring"
            }
        live[name]?.state = .offered
        await withdraw(name)
        await changed()
        if let now = live[name] { hub.publish(.share(model(now))) }
    }
}

extension CreationError {
    /// Whether the only trouble is that there is nothing to share.
    var isOfNothing: Bool {
        switch self {
        case .nothingToShare, .nothingReadable: true
        case .notShareable(_, let reason): reason == Self.onlyEmptyFiles
        default: false
        }
    }
}
