import DiscoveryWire
import Metainfo
import PeerWire

/// Finds hosts and peers on the local network and lets them find this one: multicast DNS (RFC 6762) with service
/// discovery (RFC 6763), and local service discovery of BitTorrent (BEP 14).
///
/// It does no I/O and has no clock: call ``handle(_:now:)`` with whatever happens, carry out the actions, and call it with
/// ``DiscoveryInput/tick`` when ``deadline`` has come. `now` counts from any fixed start and goes on while the computer
/// sleeps; that is how sleep is noticed.
public struct DiscoveryEngine: Sendable {
    /// The engine wants to be called at least that often.
    private static let heartbeat = Duration.seconds(10)
    /// Nothing for so long: the computer has slept.
    private static let sleepTime = Duration.seconds(30)

    private var network = Network()
    private var responder: Responder
    private var browser: Browser
    private var searcher: LocalSearcher
    private var outbox = Outbox()
    private var lastCall: Duration?
    private var isStopped = false

    /// - Parameters:
    ///   - hostLabel: the host's name below `.local`, for example `duplex-1a2b3c4d`.
    ///   - seed: all chance comes from it.
    public init(hostLabel: String, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        responder = Responder(hostLabel: hostLabel, generator: SeededGenerator(seed: generator.next()))
        browser = Browser(generator: SeededGenerator(seed: generator.next()))
        searcher = LocalSearcher(cookie: String(generator.next() | 1 << 63, radix: 16))
    }

    /// When the engine wants to be called again; nil once it has stopped.
    public var deadline: Duration? {
        guard !isStopped, let lastCall else { return nil }
        let beat = lastCall + Self.heartbeat
        return [responder.deadline, browser.deadline, searcher.deadline].compactMap(\.self).reduce(beat, min)
    }

    /// The name under which this host is to be found now, for example `duplex-1a2b3c4d.local`.
    public var hostName: String { responder.hostName.description }

    /// The names under which the own services are offered now, in the order in which they were given.
    public var instanceNames: [String] { responder.services.map(\.claim.label) }

    public mutating func handle(_ input: DiscoveryInput, now: Duration) -> [DiscoveryAction] {
        guard !isStopped else { return [] }
        if let lastCall, now - lastCall > Self.sleepTime { wake(now: now) }
        lastCall = now
        take(input, now: now)
        guard !isStopped else { return outbox.drain() }
        responder.tick(network: network, now: now, outbox: &outbox)
        browser.tick(network: network, now: now, outbox: &outbox)
        searcher.tick(network: network, now: now, outbox: &outbox)
        browser.report(network: network, isOwn: responder.isOwn(instance:), outbox: &outbox)
        return outbox.drain()
    }

    // MARK: Inputs

    private mutating func take(_ input: DiscoveryInput, now: Duration) {
        switch input {
        case .services(let registrations):
            responder.offer(registrations, network: network, now: now, outbox: &outbox)
        case .browse(let types):
            let names = types.compactMap { type in
                let name = LocalName.type(type)
                if name == nil { outbox.tell(.trouble("\(type) is not a type of service, it is not looked for")) }
                return name
            }
            browser.browse(names, network: network, now: now)
        case .announce(let torrents, let port):
            searcher.announce(torrents, port: port, network: network, now: now)
        case .reconfirm(let instance, let type):
            guard let type = LocalName.type(type) else { return }
            browser.reconfirm(instance: LocalName.instance(instance, of: type), network: network, now: now)
        case .interfaces(let interfaces):
            change(to: interfaces, now: now)
        case .received(let datagram):
            receive(datagram, now: now)
        case .tick:
            break
        case .stop:
            responder.withdrawAll(network: network, now: now, outbox: &outbox)
            searcher.stop()
            isStopped = true
        }
    }

    private mutating func change(to interfaces: [DiscoveryInterface], now: Duration) {
        let old = network
        network.replace(interfaces, now: now)
        responder.networkChanged(from: old, to: network, now: now, outbox: &outbox)
        browser.networkChanged(from: old, to: network, now: now)
        searcher.networkChanged(to: network, now: now)
    }

    private mutating func wake(now: Duration) {
        responder.woke(network: network, now: now)
        browser.woke(network: network, now: now)
        searcher.woke(network: network, now: now)
    }

    private mutating func receive(_ datagram: ReceivedDatagram, now: Duration) {
        guard network.interfaces[datagram.link.interface] != nil, !network.hasCrossed(datagram) else { return }
        guard datagram.proto == .multicastDNS else {
            return searcher.heard(datagram, network: network, now: now, outbox: &outbox)
        }
        guard !outbox.echoes.isEcho(datagram, now: now), let message = try? DNSMessage(decoding: datagram.bytes),
            message.isPlain
        else { return }
        guard message.isResponse else {
            responder.heard(question: message, from: datagram, network: network, now: now, outbox: &outbox)
            browser.heard(
                question: message, from: datagram, network: network, now: now, isOwn: responder.isOwn(instance:))
            return
        }
        // Not from that port, or by unicast from elsewhere: not of this link (RFC 6762 §6, §11).
        guard datagram.source.port == multicastDNSPort,
            datagram.isMulticast || network.isNeighbour(datagram.source, on: datagram.link.interface)
        else { return }
        let records = message.answers + message.additionals
        responder.heard(response: records, on: datagram.link, network: network, now: now, outbox: &outbox)
        browser.heard(response: records, from: datagram, now: now, isOwn: responder.isOwn(instance:))
    }
}
