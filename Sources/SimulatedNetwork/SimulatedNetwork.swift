import Metainfo
import PeerWire
import SwarmEngine

/// A network of computers in memory, under virtual time: the engine that ships, with everything around it replaced.
///
/// Links have rates, delays and loss; hosts join, leave, sleep and crash; disks are fake. All chance comes from one seed
/// and everything that is due at one instant happens in the order in which it became due, so a run repeats to the event:
/// ``counters`` of two runs with one seed are equal, their `fingerprint` included.
///
/// The model: each host has one link to a switch that is never the bottleneck. On the way up its connections take turns
/// by segments of at most one block, as fair queueing does, and small messages go ahead of other connections' blocks; a
/// connection has at most a window of bytes between the two links. On the way down segments queue in order of arrival.
/// A lost packet is sent again after a round trip and holds up what follows it on its connection.
public final class SimulatedNetwork {
    public internal(set) var now = Instant.zero
    public internal(set) var counters = NetworkCounters()
    public var hostCount: Int { hosts.count }

    var queue: Timeline
    /// The next event, where a run ended just before it.
    private var held: (time: Instant, happening: Happening)?
    var flows: [Flow] = []
    var hosts: [SimulatedHost] = []
    var torrents: [SimulatedTorrent] = []
    var hostsByAddress: [PeerAddress: Int32] = [:]
    var scripts: [() -> Void] = []
    /// Memory for the actions of a step.
    var spareActions: [SwarmAction] = []
    var answers: [(host: Int32, slot: Int32, event: SwarmEvent)] = []
    var generator: SeededGenerator
    /// Where all delays are equal, segments reach links in the order in which they left, which saves an event for each.
    var delaysDiffer = false
    var usualOneWay = TimeSpan.zero
    var losesPackets = false
    /// By host.
    var links: [LinkState] = []
    /// Streams of the client/server model: the length of a turn, of each whole, and when each client had its own.
    var streamSegment = 16384
    var streamSizes: [Int32: Int64] = [:]
    var streamEnds: [HostNumber: Instant] = [:]

    static let tickInterval = TimeSpan.milliseconds(250)

    /// - Parameter window: how far the clocks of hosts may be apart; zero for not at all. With thousands of hosts
    ///   what each of them keeps does not fit the processor's cache: a window of a few milliseconds lets each do several
    ///   things in its turn, and adds as much at the most to the time that a message takes.
    public init(seed: UInt64, window: TimeSpan = .zero) {
        queue = Timeline(window: window)
        generator = SeededGenerator(seed: seed)
    }

    // MARK: Making it

    public func add(_ torrent: SimulatedTorrent) -> TorrentNumber {
        torrents.append(torrent)
        return TorrentNumber(torrents.count - 1)
    }

    /// A computer that is switched off until it is started.
    public func add(_ profile: HostProfile) -> HostNumber {
        let host = SimulatedHost(number: Int32(hosts.count), profile: profile)
        delaysDiffer = delaysDiffer || hosts.first.map { $0.profile.link.delay != profile.link.delay } ?? false
        usualOneWay = TimeSpan(nanoseconds: 2 * profile.link.delay.nanoseconds)
        losesPackets = losesPackets || profile.link.loss > 0
        hosts.append(host)
        links.append(LinkState(profile: profile.link))
        hostsByAddress[host.address] = host.number
        return HostNumber(hosts.count - 1)
    }

    /// Gives a host a torrent, to offer what it has of it and to fetch the rest.
    ///
    /// - Parameter have: the pieces on its disk; nil for all.
    public func give(_ torrent: TorrentNumber, to host: HostNumber, have: PieceSet?, peers: [HostNumber]) {
        let owner = hosts[host.index]
        let capacity = torrents[torrent.index].pieceCount
        let onDisk = have ?? PieceSet(fullWithCapacity: capacity)
        let id = PeerID.make(using: &generator)
        let engine = makeEngine(for: torrent.index, at: owner, id: id)
        let slot = TorrentSlot(torrent: torrent.index, engine: engine, peerID: id, onDisk: onDisk)
        slot.peers = peers.map { hosts[$0.index].address }
        owner.slots.append(slot)
        if owner.isOnline { begin(owner, Int32(owner.slots.count - 1)) }
    }

    func makeEngine(for torrent: Int, at host: SimulatedHost, id: PeerID) -> SwarmEngine {
        var configuration = host.profile.configuration
        configuration.listenPort = 6881
        if host.profile.behaviour == .foreign {
            configuration.queueTime = .seconds(3)
            configuration.uploadSlots = 8
            configuration.announceDelay = .zero
        }
        return SwarmEngine(
            hashes: torrents[torrent].info.hashes, ownID: id, configuration: configuration, seed: generator.next())
    }

    /// Does something at an instant of virtual time.
    public func schedule(at time: Instant, _ body: @escaping () -> Void) {
        scripts.append(body)
        queue.insert(.script(Int32(scripts.count - 1)), for: Timeline.nobody, at: max(time, now))
    }

    public func start(_ host: HostNumber, at time: Instant) {
        queue.insert(.start(host: Int32(host.index)), for: Int32(host.index), at: max(time, now))
    }

    // MARK: Running it

    /// Runs until an instant, or until `isDone` says so; it is asked once for each `interval` of virtual time.
    ///
    /// - Returns: whether it is done.
    @discardableResult
    public func run(
        until end: Instant, every interval: TimeSpan = .milliseconds(100), isDone: () -> Bool = { false }
    ) -> Bool {
        var nextLook = now + interval
        while let event = held ?? queue.popFirst(until: end) {
            held = event
            guard event.time <= end else { break }
            if event.time >= nextLook {
                if isDone() { return true }
                nextLook = event.time + interval
            }
            held = nil
            now = event.time
            counters.events += 1
            dispatch(event.happening)
        }
        if !isDone() {
            now = max(now, end)
            return false
        }
        return true
    }

    private func dispatch(_ happening: Happening) {
        switch happening {
        case .start(let host): switchOn(hosts[Int(host)])
        case .tick(let host): tick(hosts[Int(host)])
        case .sent(let host): segmentSent(hosts[Int(host)])
        case .reached(let flow): reached(flow)
        case .arrived(let flow): arrived(flow)
        case .recovered(let flow): recovered(flow)
        case .connected(let flow): connected(flow)
        case .dialed(let host, let slot, let target): dialed(hosts[Int(host)], slot, target: target)
        case .closed(let flow): closed(flow)
        case .checked(let host, let slot, let piece): checked(hosts[Int(host)], slot, PieceIndex(Int(piece)))
        case .announce(let host, let slot): announce(hosts[Int(host)], slot)
        case .retry(let host, let slot): retryDisk(hosts[Int(host)], slot)
        case .answer(let index): answered(index)
        case .script(let index): scripts[Int(index)]()
        }
    }
}

public struct HostNumber: Hashable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
}

public struct TorrentNumber: Hashable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
}

/// What a whole run came to, exactly.
public struct NetworkCounters: Sendable, Equatable {
    public var events = 0
    public var messages = 0
    public var blocks = 0
    /// Payload bytes of blocks that arrived.
    public var blockBytes: Int64 = 0
    public var connections = 0
    public var failedPieces = 0
    /// Of every completion: who and when, in order. Any difference between two runs shows here.
    public var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func note(_ number: Int64) {
        fingerprint = (fingerprint ^ UInt64(bitPattern: number)) &* 0x0000_0100_0000_01B3
    }
}
