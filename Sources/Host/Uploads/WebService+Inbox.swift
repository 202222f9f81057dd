import Storage
import Transport
import WebPages
import WebWire

/// Pages of shares that take files. They show also what has just come and is not hashed yet, and what they hold is
/// never shown as a web site, since strangers put it there.
extension WebService {
    /// How long somebody who asks for a file that has just come waits until it is hashed.
    private static let patience = Duration.seconds(5)

    func inboxContent(_ asked: WebRequest, _ inbox: Inbox, _ path: [String], _ isFolder: Bool) async -> HTTPReply {
        let share = snapshot.shares[inbox.name]
        let place = share?.withoutTorrentName(path) ?? path
        let isThere =
            place.isEmpty || share?.isFolder(place) == true
            || uploads.arrivals.containsFolder(place, in: inbox.name)
        if isThere {
            guard isFolder else {
                return Self.redirect(to: WebRoute.content(share: inbox.name, path: path, isFolder: true).url)
            }
            return inboxFolder(asked, inbox, share, place)
        }
        guard !isFolder else { return errorPage(404) }
        if let file = await arrived(place, in: inbox) { return await download(asked, file) }
        guard uploads.arrivals.contains(place, in: inbox.name) else { return padding(asked, share, place) }
        return errorPage(503, extra: ["Retry-After": "2"])
    }

    private func arrived(_ path: [String], in inbox: Inbox) async -> WebFile? {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let file = snapshot.shares[inbox.name]?.file(path) { return file }
            guard uploads.arrivals.contains(path, in: inbox.name), ContinuousClock.now < deadline, !Task.isCancelled
            else { return nil }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func inboxFolder(
        _ asked: WebRequest, _ inbox: Inbox, _ share: WebShare?, _ path: [String]
    ) -> HTTPReply {
        let hashed = share?.entries(path) ?? []
        let entries = hashed + uploads.arrivals.entries(in: path, of: inbox.name, besides: hashed)
        var folder = FolderSnapshot(
            hostName: snapshot.hostName, share: inboxSnapshot(inbox, share, asked.origin), path: path, entries: entries)
        folder.added = asked.path.parameters.text("added").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        let markup = FolderPage.html(folder, order: FolderOrder(asked.path.parameters)).markup
        return HTTPReply(
            status: 200,
            headers: SecurityFields.inbox.pairs + [("content-type", MediaType.html), ("cache-control", "no-store")],
            body: .bytes(Array(markup.utf8)))
    }

    /// Also of one that has no file yet, and so no torrent.
    func inboxSnapshot(_ inbox: Inbox, _ share: WebShare?, _ origin: WebOrigin) -> ShareSnapshot {
        guard var snapshot = share?.snapshot(origin) else {
            return ShareSnapshot(
                name: inbox.name, isFolder: true, fileCount: 0, size: 0,
                modified: HTTPDate(secondsSinceEpoch: FileTime.modified(inbox.path) ?? 0), isInbox: true)
        }
        snapshot.isInbox = true
        return snapshot
    }
}
