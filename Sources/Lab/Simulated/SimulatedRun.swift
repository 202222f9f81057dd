import Metainfo
import SimulatedNetwork
import SwarmEngine

/// One scenario by one model under virtual time, a slice at a time.
struct SimulatedRun {
    private let scenario: LabScenario
    private let model: DeliveryModel
    private let bound: Double
    private let network: SimulatedNetwork
    private let torrent: TorrentNumber
    private let hosts: [HostNumber]
    private let receivers: [Int]
    private let slice: TimeSpan

    private var samples: [[TrafficSample]]
    private var nextSample = 0.0
    private let sampleInterval: Double
    private var departing: Set<Int>
    private var lastProgress = (bytes: Int64(0), time: Instant.zero)

    /// So many plots' worth of moments over the time that a run should take.
    private static let sampleCount = 60.0
    /// Virtual seconds in which nothing arrives anywhere: nobody is left who could send.
    private static let patience = TimeSpan.seconds(120)
    /// Addresses that each host is told at its start, as a tracker does.
    static let addressesPerHost = 10
    /// From this size on hosts take turns, since their state fits no cache; it makes ratios a little larger.
    static let hugeSwarm = 2000
    private static let hugeWindow = TimeSpan.milliseconds(4)
    /// In a swarm up to this size all know all.
    static let smallSwarm = 40

    init(_ scenario: LabScenario, by model: DeliveryModel, seed: UInt64, bound: Double) throws {
        self.scenario = scenario
        self.model = model
        self.bound = bound
        let isHuge = model == .peerToPeer && scenario.hosts.count > Self.hugeSwarm
        network = SimulatedNetwork(seed: seed, window: isHuge ? Self.hugeWindow : .zero)
        let content = try SimulatedTorrent(size: scenario.size, isPrivate: true)
        torrent = network.add(content)
        hosts = scenario.hosts.map { [network] in network.add(Self.profile(of: $0)) }
        receivers = scenario.hosts.indices.filter { scenario.hosts[$0].role == .receiver }
        departing = Set(scenario.hosts.indices.filter { scenario.hosts[$0].departure != .never })
        samples = scenario.hosts.map { _ in [] }
        let expected = bound.isFinite ? bound : 60
        sampleInterval = max(expected / Self.sampleCount, 1e-3)
        slice = TimeSpan(nanoseconds: Int64(min(sampleInterval, expected / 200, 0.25) * 1e9) + 1000)
        switch model {
        case .clientServer: startStreams()
        case .peerToPeer: startSwarm(pieceCount: content.info.layout.pieceCount, seed: seed)
        }
    }

    /// - Returns: false at the end.
    mutating func advance() -> Bool {
        sampleIfDue()
        network.run(until: network.now + slice)
        depart()
        let bytes = hosts.reduce(0) { $0 + network.traffic(at: $1).received }
        if bytes > lastProgress.bytes || seconds < scenario.hosts.map(\.start).max() ?? 0 {
            lastProgress = (bytes, network.now)
        }
        let isOver = finishedReceivers == receivers.count || network.now - lastProgress.time > Self.patience
        if isOver { sample() }
        return !isOver
    }

    var progress: LabProgress {
        LabProgress(
            model: model, receivers: receivers.count, elapsed: seconds, finishedReceivers: finishedReceivers,
            bytes: receivers.reduce(0) { $0 + min(network.traffic(at: hosts[$1]).received, scenario.size) },
            totalBytes: Int64(receivers.count) * scenario.size)
    }

    var result: LabRun {
        let served = network.served()
        let records = scenario.hosts.indices.map { index in
            let plan = scenario.hosts[index]
            let end = plan.role == .receiver ? completion(of: index) : 0
            let sums = served[hosts[index]] ?? [:]
            return HostRecord(
                name: plan.name, role: plan.role, program: plan.program == .duplex ? "duplex" : "plain BitTorrent",
                start: plan.start, finished: end, samples: samples[index],
                servedTo: Dictionary(uniqueKeysWithValues: sums.map { ($0.key.index, $0.value) }))
        }
        return LabRun(model: model, size: scenario.size, hosts: records, bound: bound)
    }

    // MARK: The start

    private func startStreams() {
        let segment = Int(min(max(scenario.size / 256, 16 << 10), 1 << 20))
        for index in receivers {
            network.stream(
                scenario.size, from: hosts[0], to: hosts[index], at: Self.instant(scenario.hosts[index].start),
                segment: segment)
        }
    }

    private func startSwarm(pieceCount: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x9E37_79B9)
        for index in hosts.indices {
            let isReceiver = scenario.hosts[index].role == .receiver
            network.give(
                torrent, to: hosts[index], have: isReceiver ? PieceSet(capacity: pieceCount) : nil,
                peers: isReceiver ? addresses(for: index, using: &generator) : [])
            network.start(hosts[index], at: Self.instant(scenario.hosts[index].start))
        }
    }

    /// Some of the others, by chance; all of them in a small swarm.
    private func addresses(for index: Int, using generator: inout SeededGenerator) -> [HostNumber] {
        let others = hosts.count - 1
        guard others > Self.smallSwarm else { return hosts.filter { $0 != hosts[index] } }
        var chosen: Set<Int> = []
        while chosen.count < Self.addressesPerHost {
            let other = Int.random(in: hosts.indices, using: &generator)
            if other != index { chosen.insert(other) }
        }
        return chosen.sorted().map { hosts[$0] }
    }

    private static func profile(of plan: HostPlan) -> HostProfile {
        let link = LinkProfile(
            up: Double(plan.link.up), down: Double(plan.link.down),
            delay: TimeSpan(nanoseconds: Int64(max(plan.link.delay, 0.0002) * 1e9)), loss: plan.link.loss)
        var profile = HostProfile(link: link, behaviour: plan.program == .duplex ? .honest : .foreign)
        profile.configuration.announceDelay = SwarmConfiguration.usualAnnounceDelay
        return profile
    }

    private static func instant(_ seconds: Double) -> Instant {
        Instant(nanoseconds: Int64(seconds * 1e9))
    }

    // MARK: On the way

    private var seconds: Double { Double(network.now.nanoseconds) / 1e9 }

    private var finishedReceivers: Int {
        receivers.count { network.completion(of: torrent, at: hosts[$0]) != nil }
    }

    private func completion(of index: Int) -> Double? {
        network.completion(of: torrent, at: hosts[index]).map { Double($0.nanoseconds) / 1e9 }
    }

    private mutating func depart() {
        for index in departing.sorted() {
            guard case .afterCopies(let copies) = scenario.hosts[index].departure,
                Double(network.traffic(at: hosts[index]).sent) >= copies * Double(scenario.size)
            else { continue }
            departing.remove(index)
            network.crash(hosts[index])
        }
    }

    private mutating func sampleIfDue() {
        guard seconds >= nextSample else { return }
        nextSample = seconds + sampleInterval
        sample()
    }

    private mutating func sample() {
        for index in hosts.indices {
            let traffic = network.traffic(at: hosts[index])
            samples[index].append(TrafficSample(time: seconds, received: traffic.received, sent: traffic.sent))
        }
    }
}
