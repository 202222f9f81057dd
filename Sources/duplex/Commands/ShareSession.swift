import ArgumentParser
import Host
import Metainfo
import PeerWire
import Storage

/// One run of `share`: offers the paths, then tells how it goes until interrupted.
final class ShareSession {
    let host: DuplexHost
    let console: Console
    private let interrupts: Interrupts
    private let options: CreationOptions
    private let cache: ShareCache
    var offers: [LinkedOffer] = []
    private var lastTrouble: String?

    init(
        host: DuplexHost, console: Console, interrupts: Interrupts, options: CreationOptions, state: StateDirectory
    ) {
        self.host = host
        self.console = console
        self.interrupts = interrupts
        self.options = options
        cache = ShareCache(state)
    }

    /// The paths without those that lead to the same file or folder as one before.
    static func distinct(_ paths: [String]) throws -> [String] {
        var seen: Set<String> = []
        return try paths.filter { seen.insert(try FolderScan.resolve($0)).inserted }
    }

    /// Hashes the files and folders, unless that was done before, and offers them. All of them first, so that no link
    /// is printed that ends with the command because something is wrong with another path.
    func offer(_ paths: [String]) async throws {
        var ready: [(path: String, created: CreatedTorrent)] = []
        for path in paths {
            let created = try await hash(path)
            let hashes = created.torrent.info.hashes
            if let twin = ready.first(where: { Self.isSame($0.created.torrent.info.hashes, hashes) }) {
                throw CommandFailure(
                    "cannot share both \(twin.path) and \(path)",
                    why: "they have the same name and content, so one link serves for both",
                    remedy: "leave one of them out")
            }
            ready.append((path, created))
        }
        var ids: [TransferID] = []
        for (_, created) in ready {
            ids.append(
                try await host.share(created.torrent, directory: created.directory, rootName: created.rootName))
        }
        for ((path, created), id) in zip(ready, ids) {
            let hashes = created.torrent.info.hashes
            offers.append(
                LinkedOffer(
                    info: created.torrent.info, directory: created.directory, rootName: created.rootName, transfer: id
                ) { [host, cache, options] in
                    let now = try await cache.create(path: path, options: options, pool: host.pool)
                    try Self.refuseOther(now, than: hashes)
                    return try await host.share(now.torrent, directory: now.directory, rootName: now.rootName)
                })
            announce(created.torrent)
            OmissionText.remark(created.omitted, of: created.rootName, on: console)
        }
    }

    private func hash(_ path: String) async throws -> CreatedTorrent {
        let (cache, pool, options) = (cache, host.pool, options)
        return try await HashingProgress.run(console: console, title: path, interrupts: interrupts) { report in
            let created = try await cache.create(path: path, options: options, pool: pool, progress: report)
            cache.save(created)
            return created
        }
    }

    private static func isSame(_ one: InfoHashes, _ other: InfoHashes) -> Bool {
        (one.v1 != nil && one.v1 == other.v1) || (one.v2 != nil && one.v2 == other.v2)
    }

    /// Offers data for a torrent that exists already, once the data was checked.
    func offer(_ torrent: Torrent, at path: String) async throws {
        let location = try ContentLocation(of: torrent.info, at: path)
        let (host, total) = (host, torrent.info.totalSize)
        let id = try await HashingProgress.run(
            console: console, verb: "Checking", title: path, interrupts: interrupts
        ) { report in
            try await host.shareExisting(torrent, directory: location.directory, rootName: location.rootName) { done in
                report(done, total)
            }
        }
        offers.append(
            LinkedOffer(
                info: torrent.info, directory: location.directory, rootName: location.rootName, transfer: id
            ) { [host] in
                try await host.shareExisting(torrent, directory: location.directory, rootName: location.rootName)
            })
        announce(torrent)
    }

    /// Follows all transfers until Ctrl-C.
    func watch() async {
        let begun = offers.compactMap(\.transfer)
        let watch = TransferWatch(interrupts: interrupts, begun: begun) { [host] id in await host.events(id) }
        let folders = ChangedFolders(offers.map(\.path))
        let reading = Task { await folders.read() }
        defer {
            watch.cancel()
            folders.stop()
            reading.cancel()
        }
        var pace = PlainPace()
        for await happening in watch.happenings {
            if case .interrupted = happening { break }
            if case .event(let event) = happening {
                tell(event)
                continue
            }
            var statuses: [TransferSnapshot] = []
            for index in folders.take() { await look(at: index) }
            for id in offers.compactMap(\.transfer) {
                if let status = await host.status(id) { statuses.append(TransferSnapshot(status)) }
            }
            console.emit(ProgressEvent.json(statuses))
            let text = ShareText(statuses)
            console.live(text.line)
            if !console.isLive, text.isActive, pace.isDue(done: 0, total: 0, phase: "sharing") {
                console.remark(text.line)
            }
            if console.isClosed || interrupts.isRaised { break }
        }
        let sent = await host.totals().uploaded
        console.remark("Stopped; \(ByteCount.size(sent)) sent.")
    }

    /// The transfer goes on, or is tried again by the host, so the command does as well.
    private func tell(_ event: TransferEvent) {
        switch event {
        case .notice(let text): console.warn(VisibleText.escaped(text))
        case .failed(let message) where message != lastTrouble:
            lastTrouble = message
            console.warn("duplex: \(VisibleText.escaped(message))")
        case .failed, .gone, .metadata, .done: break
        }
    }

    // MARK: The link

    private func announce(_ torrent: Torrent) {
        let addresses = host.listenAddresses.map(\.description)
        let info = torrent.info
        let link = torrent.magnet(peers: addresses)
        console.emit([
            "event": "sharing", "name": .string(info.name), "magnet": .string(link.description),
            "infoHashV1": JSONValue(info.hashes.v1?.hex), "infoHashV2": JSONValue(info.hashes.v2?.hex),
            "listen": .array(addresses.map(JSONValue.string)),
        ])
        guard !console.isJSON else { return }
        let terminal = console.resultTerminal
        let files = info.files.count { !$0.isPadding }
        console.say(
            "Sharing \(terminal.bold(VisibleText.escaped(info.name))): "
                + "\(ByteCount.size(info.totalSize)) in \(ByteCount.counted(files, "file"))")
        if addresses.isEmpty {
            console.say("This computer is on no network now; connect it, then share again.")
        } else {
            console.say("Reachable at \(addresses.joined(separator: ", "))")
        }
        console.say()
        console.say("On the other computer:")
        console.say("  duplex get " + VisibleText.shellQuoted(link.description))
        console.say()
        let drawing = LinkDrawing.lines(for: link, terminal: terminal)
        for line in drawing { console.say(line) }
        if !drawing.isEmpty { console.say() }
    }
}
