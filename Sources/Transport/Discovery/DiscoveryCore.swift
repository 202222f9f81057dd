import DiscoveryEngine
import NIOCore
import NIOPosix
import PeerWire

/// The engine with its sockets, its timer and its view of the interfaces. On its event loop only.
final class DiscoveryCore {
    /// Which socket.
    struct SocketKey: Hashable {
        let link: LinkID
        let proto: DiscoveryProtocol
    }

    let eventLoop: any EventLoop
    let options: DiscoveryOptions
    let counters: DiscoveryCounters
    private let events: AsyncStream<DiscoveryEvent>.Continuation
    private var engine: DiscoveryEngine
    private let begin = ContinuousClock.now
    private var timer: Scheduled<Void>?
    private var timerDeadline: Duration?
    private var watch: InterfaceWatch?
    private var interfaces: [LocalInterface] = []
    private var hasLooked = false
    private var given: [DiscoveryInterface] = []
    private var channels: [SocketKey: any Channel] = [:]
    private var opening: Set<SocketKey> = []
    /// What went to the groups of multicast DNS and came from them.
    private var tallies: [LinkID: LinkTally] = [:]
    /// What has been told and is not told again before something changes.
    private var troubles: Set<String> = []
    private var isStopped = false

    init(
        eventLoop: any EventLoop, hostLabel: String, options: DiscoveryOptions, counters: DiscoveryCounters,
        events: AsyncStream<DiscoveryEvent>.Continuation
    ) {
        self.eventLoop = eventLoop
        self.options = options
        self.counters = counters
        self.events = events
        engine = DiscoveryEngine(hostLabel: hostLabel, seed: UInt64.random(in: 0 ... .max))
    }

    func start() {
        let watch = InterfaceWatch(eventLoop: eventLoop) { [weak self] in self?.lookAtInterfaces() }
        self.watch = watch
        lookAtInterfaces()
        watch.start()
    }

    func handle(_ input: DiscoveryInput) {
        guard !isStopped else { return }
        for action in engine.handle(input, now: now) {
            switch action {
            case .tell(let event): events.yield(event)
            case .send(let proto, let bytes, let link, let address):
                send(bytes, from: SocketKey(link: link, proto: proto), to: address)
            }
        }
        schedule()
    }

    /// Goodbyes go out before the sockets are closed.
    func stop() -> EventLoopFuture<Void> {
        guard !isStopped else { return eventLoop.makeSucceededVoidFuture() }
        handle(.stop)
        isStopped = true
        timer?.cancel()
        watch?.stop()
        // What was flushed is with the operating system by now, unless that has no room for it.
        let closed = channels.values.map(\.closeFuture)
        for channel in channels.values { channel.close(promise: nil) }
        channels = [:]
        events.finish()
        return EventLoopFuture.andAllComplete(closed, on: eventLoop)
    }

    func received(_ datagram: ReceivedDatagram) {
        counters.count(datagram.proto) { $0.received += 1 }
        tally(datagram)
        handle(.received(datagram))
    }

    func trouble(_ text: String) {
        guard !isStopped, troubles.count < 100, troubles.insert(text).inserted else { return }
        events.yield(.trouble(text))
    }

    // MARK: Time

    private var now: Duration { begin.duration(to: .now) }

    private func schedule() {
        guard !isStopped, let deadline = engine.deadline else { return }
        if let timerDeadline, timerDeadline == deadline { return }
        timer?.cancel()
        timerDeadline = deadline
        let wait = max(deadline - now, .milliseconds(1))
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(in: TimeAmount(wait)) {
            bound.value.timerDeadline = nil
            bound.value.handle(.tick)
        }
    }

    // MARK: Sending

    private func send(_ bytes: [UInt8], from key: SocketKey, to address: PeerAddress?) {
        guard let channel = channels[key] else { return }
        let target: SocketAddress
        if let address {
            target = SocketAddress(address, scope: key.link.interface)
        } else {
            target = SocketAddress(key.proto.group(key.link.family), scope: key.link.interface)
        }
        let envelope = AddressedEnvelope(remoteAddress: target, data: channel.allocator.buffer(bytes: bytes))
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        channel.writeAndFlush(envelope).assumeIsolated().whenComplete { result in
            bound.value.sent(key, result, isToGroup: address == nil)
        }
    }

    private func sent(_ key: SocketKey, _ result: Result<Void, any Error>, isToGroup: Bool) {
        let isTallied = isToGroup && key.proto == .multicastDNS
        switch result {
        case .success:
            counters.count(key.proto) { $0.sent += 1 }
            if isTallied { tallies[key.link, default: LinkTally()].sent(nil) }
        case .failure(let error):
            counters.count(key.proto) { $0.failed += 1 }
            guard channels[key] != nil else { return }
            let reason = (error as? IOError)?.reasonText ?? "\(error)"
            if isTallied { tallies[key.link, default: LinkTally()].sent(reason) }
            trouble("\(key.proto.title) cannot send on \(name(of: key.link)), \(reason)")
        }
    }

    // MARK: What is heard

    private func tally(_ datagram: ReceivedDatagram) {
        guard datagram.proto == .multicastDNS, datagram.isMulticast else { return }
        let sender = datagram.source.withPort(0).withZone(nil)
        if interfaces.contains(where: { $0.addresses.contains { $0.address == sender } }) {
            tallies[datagram.link, default: LinkTally()].heardOwnDatagram()
        } else {
            tallies[datagram.link, default: LinkTally()].heard(from: sender, now: now)
        }
    }

    /// Of each interface that can be used.
    var hearing: [DiscoveryHearing] {
        guard options.protocols.contains(.multicastDNS) else { return [] }
        return interfaces.map { interface in
            var hearing = DiscoveryHearing(interface: interface.name)
            for family in AddressFamily.allCases where interface.families.contains(family) {
                let link = LinkID(interface: interface.index, family: family)
                let key = SocketKey(link: link, proto: .multicastDNS)
                if channels[key] != nil || opening.contains(key) {
                    hearing.groups.append(DiscoveryProtocol.multicastDNS.group(family).ipText)
                }
                tallies[link]?.add(to: &hearing, now: now)
            }
            return hearing
        }
    }

    // MARK: Sockets

    /// Opens and closes sockets as the interfaces are now, and tells the engine.
    private func lookAtInterfaces() {
        guard !isStopped else { return }
        let current = LocalInterface.usable(only: options.interfaces)
        if current != interfaces || !hasLooked {
            hasLooked = true
            interfaces = current
            troubles = []
            let indices = Set(current.map(\.index))
            tallies = tallies.filter { indices.contains($0.key.interface) }
            if current.isEmpty { trouble("no network interface can do multicast, nobody is found until one can") }
        }
        let wanted = Set(
            current.flatMap { interface in
                interface.families.flatMap { family in
                    options.protocols.map {
                        SocketKey(link: LinkID(interface: interface.index, family: family), proto: $0)
                    }
                }
            })
        for (key, channel) in channels where !wanted.contains(key) {
            channels[key] = nil
            channel.close(promise: nil)
        }
        for key in wanted where channels[key] == nil && !opening.contains(key) { open(key) }
        tellInterfaces()
    }

    private func open(_ key: SocketKey) {
        let descriptor: CInt
        do {
            let source = interfaces.first { $0.index == key.link.interface && $0.isLoopback }?.addresses.first {
                !$0.address.isIPv6
            }
            descriptor = try MulticastSocket.open(
                key.proto, family: key.link.family, interface: key.link.interface, source: source?.address)
        } catch {
            trouble("\(key.proto.title) does not work on \(name(of: key.link)), \(error.reasonText)")
            return
        }
        opening.insert(key)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        DatagramBootstrap(group: eventLoop)
            .channelOption(ChannelOptions.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 9216))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramReceiver(key, core: bound.value))
                }
            }
            .withBoundSocket(descriptor)
            .flatMap { channel in
                // Only a channel that knows its own address can be told to name where datagrams arrive.
                channel.setOption(ChannelOptions.receivePacketInfo, value: true).map { channel }
            }
            .hop(to: eventLoop).assumeIsolated()
            .whenComplete { result in bound.value.opened(key, result) }
    }

    private func opened(_ key: SocketKey, _ result: Result<any Channel, any Error>) {
        opening.remove(key)
        switch result {
        case .success(let channel) where isStopped || !interfaces.contains { $0.has(key.link) }:
            channel.close(promise: nil)
        case .success(let channel):
            channels[key] = channel
            tellInterfaces()
        case .failure(let error):
            trouble("\(key.proto.title) does not work on \(name(of: key.link)), \(error)")
        }
    }

    /// A socket was closed from elsewhere; the next look at the interfaces opens it again.
    func closed(_ key: SocketKey, _ channel: any Channel) {
        guard channels[key] === channel else { return }
        channels[key] = nil
        tellInterfaces()
    }

    private func tellInterfaces() {
        // All sockets of one look together, so that names are claimed once.
        guard !isStopped, opening.isEmpty else { return }
        let ready = Set(channels.keys.map(\.link))
        let list = interfaces.compactMap { interface -> DiscoveryInterface? in
            let families = interface.families.filter {
                ready.contains(LinkID(interface: interface.index, family: $0))
            }
            guard !families.isEmpty else { return nil }
            return DiscoveryInterface(
                index: interface.index, name: interface.name, addresses: interface.addresses, families: families,
                isLoopback: interface.isLoopback)
        }
        guard list != given else { return }
        given = list
        handle(.interfaces(list))
    }

    private func name(of link: LinkID) -> String {
        let name = interfaces.first { $0.index == link.interface }?.name ?? "\(link.interface)"
        return "\(name) (\(link.family == .ipv4 ? "IPv4" : "IPv6"))"
    }
}
