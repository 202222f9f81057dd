import ArgumentParser
import Host
import Metainfo
import PeerWire
import Storage

/// One run of `share`: offers one path after the other, then tells how it goes until interrupted.
final class ShareSession {
    private let host: DuplexHost
    private let console: Console
    private let interrupts: Interrupts
    private let options: CreationOptions
    private let cache: ShareCache
    private var transfers: [TransferID] = []

    init(
        host: DuplexHost, console: Console, interrupts: Interrupts, options: CreationOptions, state: StateDirectory
    ) {
        self.host = host
        self.console = console
        self.interrupts = interrupts
        self.options = options
        cache = ShareCache(state)
    }

    /// Hashes the file or folder, unless that was done before, and offers it.
    func offer(_ path: String) async throws {
        let (cache, pool, options) = (cache, host.pool, options)
        let created = try await HashingProgress.run(console: console, title: path, interrupts: interrupts) { report in
            try await cache.create(path: path, options: options, pool: pool, progress: report)
        }
        let id = try await host.share(
            created.torrent, directory: created.directory, rootName: created.rootName)
        announce(created.torrent, id)
        OmissionText.remark(created.omitted, on: console)
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
        announce(torrent, id)
    }

    /// Follows all transfers until Ctrl-C.
    func watch() async {
        let watch = TransferWatch(interrupts: interrupts, host: host)
        defer { watch.cancel() }
        var pace = PlainPace()
        for await happening in watch.happenings {
            if case .interrupted = happening { break }
            var statuses: [TransferSnapshot] = []
            for id in transfers {
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
        var sent: Int64 = 0
        for id in transfers { sent &+= await host.status(id)?.uploaded ?? 0 }
        console.remark("Stopped; \(ByteCount.size(sent)) sent.")
    }

    // MARK: The link

    private func announce(_ torrent: Torrent, _ id: TransferID) {
        transfers.append(id)
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
