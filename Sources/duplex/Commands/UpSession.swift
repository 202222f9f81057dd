import Host
import PeerWire

/// One run of `up`: says that it is ready, then what happens, until it is stopped.
struct UpSession {
    let service: HostService
    let console: Console

    private enum Happening: Sendable {
        case event(HostEvent)
        case reload
        case stop
    }

    func run(
        until interrupts: Interrupts, _ reloads: Hangups, settings: @escaping @Sendable () throws -> HostSettings
    ) async {
        let (happenings, continuation) = AsyncStream.makeStream(of: Happening.self)
        let events = try? await HostControl(service).events()
        let tasks = [
            Task { for await _ in interrupts.listen() { continuation.yield(.stop) } },
            Task { for await _ in reloads.stream { continuation.yield(.reload) } },
            Task {
                guard let events else { return }
                for await event in events {
                    // Nothing is said of it, and while nobody reads the output it would pile up.
                    if case .status = event { continue }
                    continuation.yield(.event(event))
                }
            },
        ]
        defer { for task in tasks { task.cancel() } }
        await sayReady()
        await service.seekNamedHosts(HostAndPort.lookUp)
        loop: for await happening in happenings {
            switch happening {
            case .stop: break loop
            case .reload: await reload(settings)
            case .event(let event): tell(event)
            }
            if console.isClosed { break }
        }
        console.remark("Stopping…")
        await service.stop()
    }

    private func sayReady() async {
        let addresses = service.host.listenAddresses.map(\.description)
        let name = await service.currentName
        let web = await service.webAddresses
        console.emit([
            "event": "ready", "name": .string(name), "listen": .array(addresses.map(JSONValue.string)),
            "control": JSONValue(service.controlSocket), "web": .array(web.map(JSONValue.string)),
            "owner": JSONValue(await service.ownerAddress),
        ])
        console.say("\(VisibleText.escaped(name)) is up, at \(addresses.joined(separator: ", "))")
        if let page = web.first { console.say("For browsers: \(page)/") }
        if let port = await service.webPortInstead {
            console.remark(
                "Port \(WebPreference.usualPort) is taken, so the pages are at port \(port), and there again at the next "
                    + "start unless \(WebPreference.usualPort) is free; --web HOST:PORT chooses one.")
        }
        console.remark(
            "In another terminal: duplex share --public FOLDER, duplex hosts, duplex status. Ctrl-C stops it.")
    }

    private func reload(_ settings: () throws -> HostSettings) async {
        do {
            await service.reload(try settings())
            await service.seekNamedHosts(HostAndPort.lookUp)
            console.remark("Settings read again.")
            console.emit(["event": "reloaded"])
        } catch {
            console.warn("duplex: \(VisibleText.escaped("\(error)")); the settings stay as they were")
        }
    }

    private func tell(_ event: HostEvent) {
        switch event {
        case .hostFound(let host):
            console.emit([
                "event": "host", "name": .string(host.name), "shares": .array(host.shares.map(JSONValue.string)),
            ])
        case .hostGone(let name):
            console.emit(["event": "hostGone", "name": .string(name)])
            console.remark("\(VisibleText.escaped(name)) is gone.")
        case .notice(let notice):
            let about = notice.share ?? notice.transfer.map { "transfer \($0)" }
            console.warn("duplex: \(VisibleText.escaped((about.map { "\($0): " } ?? "") + notice.message))")
        case .share(let share) where share.state == .offered:
            console.emit(["event": "share", "name": .string(share.name), "version": .integer(share.version)])
            let name = VisibleText.escaped(share.name)
            console.remark(
                share.magnet == nil
                    ? "\(name): \(share.message ?? "nothing in it")."
                    : "\(name): version \(share.version) is offered"
                        + (share.message.map { "; \(VisibleText.escaped($0))." } ?? "."))
        case .share(let share) where share.state != .hashing:
            console.warn("duplex: \(VisibleText.escaped("\(share.name): \(share.message ?? "it cannot be offered")"))")
        case .transferDone(let done):
            console.emit(DoneText.json(done, isFollowed: true))
            for line in DoneText.lines(done, isFirst: false, terminal: console.resultTerminal) { console.remark(line) }
        default: break
        }
    }
}
