import Metainfo
import PeerWire
import Storage
import Synchronization
import TrackerEngine
import Transport
import WebPages
import WebWire

/// What a host answers browsers and programs: pages, downloads, torrents, the tracker. Read-only, from a snapshot; so
/// nobody who asks holds up the host, nor sees half a change.
final class WebService: HTTPService {
    struct Snapshot: Sendable {
        var hostName = ""
        var shares: [String: WebShare] = [:]
        /// Shares into which visitors may put files; one that has none is not among ``shares``.
        var inboxes: [String: Inbox] = [:]
        /// Shares that have no files now.
        var missing: Set<String> = []
        var neighbours: [WebNeighbour] = []
        /// Another one for each change.
        var generation = 0
    }

    private let current = Mutex(Snapshot())
    let pool: DiskPool
    let digests: FileDigests
    let tracker: WebTracker
    let figures: WebFigures
    /// Where this host takes connections of peers; 0 for none.
    let peerPort: UInt16
    private let metricsPlace: Mutex<MetricsPlace>
    let uploads: UploadKeeper
    let recent = RecentFiles()
    /// This host as a whole, for the metrics.
    private let status: @Sendable () async -> StatusModel?

    init(
        pool: DiskPool, peerPort: UInt16, figures: WebFigures = WebFigures(), metrics: MetricsPlace = .web,
        uploads: UploadKeeper, status: @escaping @Sendable () async -> StatusModel?
    ) {
        self.pool = pool
        self.uploads = uploads
        self.figures = figures
        metricsPlace = Mutex(metrics)
        self.status = status
        digests = FileDigests(pool: pool)
        tracker = WebTracker(port: peerPort)
        self.peerPort = peerPort
    }

    var snapshot: Snapshot { current.withLock { $0 } }

    /// Takes over what is offered now. Shares that stayed as they were keep what was found out about them.
    func publish(
        hostName: String, offers: [String: Catalogue.Offer], inboxes: [Inbox] = [], missing: [String] = [],
        neighbours: [WebNeighbour]
    ) {
        let before = snapshot.shares
        let shares = offers.map { name, offer in
            before[name].flatMap { $0.isSame(as: offer) ? $0 : nil } ?? WebShare(name: name, offer: offer)
        }
        let byName = Dictionary(shares.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let open = Dictionary(inboxes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        current.withLock {
            $0 = Snapshot(
                hostName: hostName, shares: byName, inboxes: open, missing: Set(missing), neighbours: neighbours,
                generation: $0.generation + 1)
        }
        uploads.arrivals.settle(byName, now: SystemClock.secondsNow)
        tracker.track(
            shares.filter { !$0.info.isPrivate }.flatMap { $0.info.askedNames },
            files: shares.flatMap(\.fileTorrentHashes))
    }

    /// The same with other neighbours.
    func publish(neighbours: [WebNeighbour]) {
        let shares = current.withLock { snapshot in
            if snapshot.neighbours != neighbours {
                snapshot.neighbours = neighbours
                snapshot.generation += 1
            }
            return snapshot.shares
        }
        uploads.arrivals.settle(shares, now: SystemClock.secondsNow)
    }

    func showMetrics(at place: MetricsPlace) {
        metricsPlace.withLock { $0 = place }
    }

    // MARK: Answering

    var answersOnEventLoop: Bool { true }

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        finished(await route(request))
    }

    func finished(_ reply: HTTPReply) -> HTTPReply {
        var reply = reply
        reply.headers.append(("date", Self.now.description))
        figures.count(status: reply.status)
        return reply
    }

    private func route(_ request: HTTPRequest) async -> HTTPReply {
        let method = ReadingMethod(request.method)
        guard method != nil || request.method == "OPTIONS" || request.method == "DELETE" else {
            return errorPage(405, extra: ["Allow": "GET, HEAD"])
        }
        let path: RequestPath
        do throws(RequestPathError) {
            path = try RequestPath(target: request.target)
        } catch {
            return errorPage(error == .tooLong ? 414 : 400)
        }
        guard let route = WebRoute(path) else { return errorPage(404) }
        let asked = WebRequest(
            request: request, method: method ?? .get, path: path, origin: WebOrigin(request, peerPort: peerPort))
        guard method != nil else { return await offEventLoop { await self.uploadRoute(asked, route) } }
        let prompt = await promptDownload(asked, route)
        let reply = if let prompt { prompt } else { await offEventLoop { await self.reply(to: asked, route) } }
        switch route {
        // Peers that ask for each other, and whoever watches this host, get nothing of what it offers.
        case .announce, .scrape, .metrics, .health: return reply
        default: return figures.visitors.counted(reply, for: request)
        }
    }

    private func reply(to asked: WebRequest, _ route: WebRoute) async -> HTTPReply {
        switch route {
        case .home: return page(HomePage.html(home(asked.origin)).markup, asked)
        case .content(let share, let path, let isFolder): return await content(asked, share, path, isFolder)
        case .view(let share, let path): return await view(asked, share, path)
        case .zip(let share, let path): return await archive(asked, share, path)
        case .torrent(let share, let path): return await torrent(asked, share, path)
        case .metalink(let share, let path): return await metalink(asked, share, path)
        case .asset(let asset): return asset.isOwners ? errorPage(404) : self.asset(asset, asked)
        case .upload(let id): return asked.request.method == "HEAD" ? await tusHead(asked, id) : errorPage(404)
        case .announce: return tracker.announce(asked)
        case .scrape: return tracker.scrape(asked)
        case .metrics: return await metrics()
        case .health: return .text(200, "ok")
        }
    }

    private func home(_ origin: WebOrigin) -> HostSnapshot {
        let snapshot = snapshot
        return HostSnapshot(
            name: snapshot.hostName,
            shares: Set(snapshot.shares.keys).union(snapshot.inboxes.keys).sorted(byName: \.self).compactMap { name in
                let share = snapshot.shares[name]
                return snapshot.inboxes[name].map { inboxSnapshot($0, share, origin) } ?? share?.snapshot(origin)
            },
            otherHosts: snapshot.neighbours.map {
                OtherHost(
                    name: $0.name, url: $0.origin.map { $0.root + "/" }, shareCount: $0.shares.count,
                    isDedicated: $0.isDedicated)
            })
    }

    private func metrics() async -> HTTPReply {
        guard metricsPlace.withLock({ $0 }) == .web, let status = await status() else { return errorPage(404) }
        return .metrics(status.figures)
    }

    /// What the owner's page loads, never coded.
    static func asset(_ asset: WebAsset) -> HTTPReply {
        HTTPReply(status: 200, headers: assetFields(asset), body: .bytes(asset.bytes))
    }

    private func asset(_ asset: WebAsset, _ asked: WebRequest) -> HTTPReply {
        answer(asset.bytes, asked, headers: Self.assetFields(asset), gzip: CodedAssets.gzip(asset))
    }

    private static func assetFields(_ asset: WebAsset) -> [(name: String, value: String)] {
        [
            ("content-type", asset.mediaType), ("cache-control", "max-age=300"),
            ("x-content-type-options", "nosniff"),
        ]
    }

    // MARK: Pages

    func page(_ markup: String, _ asked: WebRequest, status: Int = 200) -> HTTPReply {
        answer(
            Array(markup.utf8), asked, status: status,
            headers: SecurityFields.page.pairs + [
                ("content-type", MediaType.html), ("cache-control", "no-store"),
            ])
    }

    func errorPage(_ status: Int, detail: String? = nil, extra: HeaderFields = HeaderFields()) -> HTTPReply {
        let markup = ErrorPage.html(status: status, hostName: snapshot.hostName, detail: detail).markup
        return HTTPReply(
            status: status,
            headers: SecurityFields.page.pairs + [
                ("content-type", MediaType.html), ("cache-control", "no-store"),
            ] + extra.pairs, body: .bytes(Array(markup.utf8)))
    }

    /// Of a share that is not among those offered.
    func noSuchShare(_ name: String) -> HTTPReply {
        guard snapshot.missing.contains(name) else { return errorPage(404) }
        return errorPage(404, detail: "This share has no files now. It is here again when there are some.")
    }

    static func redirect(to url: WebURL) -> HTTPReply {
        HTTPReply(status: 308, headers: [("location", url.text), ("cache-control", "no-store")])
    }
}

/// A request that was understood.
struct WebRequest: Sendable {
    let request: HTTPRequest
    let method: ReadingMethod
    let path: RequestPath
    /// By which address of this host it came.
    let origin: WebOrigin

    var fields: HeaderFields {
        var fields = HeaderFields()
        for (name, value) in request.headers { fields.append(name, value) }
        return fields
    }
}

extension ReadingMethod {
    init?(_ method: String) {
        switch method {
        case "GET": self = .get
        case "HEAD": self = .head
        default: return nil
        }
    }
}

extension HeaderFields {
    /// As replies have them.
    var pairs: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }
}
