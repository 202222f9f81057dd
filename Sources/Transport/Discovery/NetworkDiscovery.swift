import DiscoveryEngine
import Metainfo
import NIOCore
import Synchronization

/// Finds other hosts and peers on the local network, and lets them find this one: DNS-SD over multicast DNS (RFC 6762,
/// RFC 6763) and local service discovery of BitTorrent (BEP 14).
///
/// It works beside other programs that do the same on this computer, needs no configuration and no server, and follows
/// interfaces and addresses as they come and go. Everything happens on one event loop. What does not work is told as
/// ``DiscoveryEvent/trouble(_:)``, and the rest goes on.
public final class NetworkDiscovery: Sendable {
    /// What happens, in order. When nobody reads for long, the oldest are lost.
    public let events: AsyncStream<DiscoveryEvent>

    private let core: NIOLoopBound<DiscoveryCore>
    private let counters: DiscoveryCounters

    private static let maximumWaitingEvents = 8192

    /// - Parameter hostLabel: the name of this host below `.local`, for example `duplex-1a2b3c4d`. If somebody has it
    ///   already, a number is appended.
    /// - Throws: when the event loop is shut down.
    public static func start(
        eventLoop: any EventLoop, hostLabel: String, options: DiscoveryOptions = DiscoveryOptions()
    ) async throws -> NetworkDiscovery {
        let (events, continuation) = AsyncStream.makeStream(
            of: DiscoveryEvent.self, bufferingPolicy: .bufferingNewest(maximumWaitingEvents))
        let counters = DiscoveryCounters()
        return try await eventLoop.submit {
            let core = DiscoveryCore(
                eventLoop: eventLoop, hostLabel: hostLabel, options: options, counters: counters, events: continuation)
            core.start()
            return NetworkDiscovery(
                events: events, core: NIOLoopBound(core, eventLoop: eventLoop), counters: counters)
        }.get()
    }

    private init(events: AsyncStream<DiscoveryEvent>, core: NIOLoopBound<DiscoveryCore>, counters: DiscoveryCounters) {
        self.events = events
        self.core = core
        self.counters = counters
    }

    /// All services that this host offers from now on; the differences are worked out.
    public func register(_ services: [ServiceRegistration]) {
        hand(.services(services))
    }

    /// All types of services to look for from now on, like `_duplex._tcp`. Own services are not told.
    public func browse(_ types: [String]) {
        hand(.browse(types))
    }

    /// All torrents to announce from now on, and the port that peers are taken at (BEP 14).
    public func announce(_ torrents: [WireInfoHash], port: UInt16) {
        hand(.announce(torrents, port: port))
    }

    /// This service could not be reached: it is asked for, and lost in about ten seconds if nobody answers.
    public func reconfirm(instance: String, type: String) {
        hand(.reconfirm(instance: instance, type: type))
    }

    public var statistics: DiscoveryStatistics { counters.value }

    /// What is sent and heard on each interface, for whoever wants to know why somebody is not found.
    public var hearing: [DiscoveryHearing] {
        get async {
            let core = core
            return (try? await core.eventLoop.submit { core.value.hearing }.get()) ?? []
        }
    }

    /// Says goodbye and closes everything. ``events`` ends.
    public func stop() async {
        let core = core
        try? await core.eventLoop.flatSubmit { core.value.stop() }.get()
    }

    private func hand(_ input: DiscoveryInput) {
        let core = core
        core.eventLoop.execute { core.value.handle(input) }
    }
}
