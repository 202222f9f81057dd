/// Puts together what the hosts of a run say, into what is measured of it.
///
/// Each pair of hosts tells twice what went from one to the other; the larger figure counts, since either may have been
/// ended before it told the last of it.
struct RunRecorder: Sendable {
    private let scenario: LabScenario
    private let model: DeliveryModel
    private let indexByIP: [Substring: Int]
    private var done: [Int64]
    private(set) var finished: [Double?]
    private var samples: [[TrafficSample]]
    /// By host, bytes to and from each other one as this host tells.
    private var sentTo: [[Int: Int64]]
    private var receivedFrom: [[Int: Int64]]
    /// When something arrived anywhere for the last time. Seconds of the run.
    private(set) var lastArrival = 0.0
    /// When each host last said something of its traffic.
    private(set) var lastReport: [Double?]

    init(_ scenario: LabScenario, by model: DeliveryModel, addresses: [String]) {
        self.scenario = scenario
        self.model = model
        indexByIP = Dictionary(
            addresses.enumerated().map { ($1[...], $0) }, uniquingKeysWith: { first, _ in first })
        let hosts = scenario.hosts
        done = hosts.map { $0.role == .receiver ? 0 : scenario.size }
        finished = hosts.map { $0.role == .receiver ? nil : 0 }
        samples = hosts.map { [TrafficSample(time: $0.start, received: 0, sent: 0)] }
        sentTo = Array(repeating: [:], count: hosts.count)
        receivedFrom = sentTo
        lastReport = hosts.map { _ in nil }
    }

    mutating func note(_ event: ChildEvent, from host: Int, at time: Double) {
        switch event {
        case .sharing, .error: break
        case .progress(let done, let partners): progress(host, done, partners, time)
        case .done:
            guard finished[host] == nil else { return }
            finished[host] = time
            done[host] = scenario.size
            lastArrival = time
        }
    }

    private mutating func progress(_ host: Int, _ verified: Int64, _ partners: [ChildEvent.Partner], _ time: Double) {
        var (sent, received): ([Int: Int64], [Int: Int64]) = ([:], [:])
        for partner in partners {
            guard let other = indexByIP[partner.ip], other != host else { continue }
            sent[other, default: 0] += partner.uploaded
            received[other, default: 0] += partner.downloaded
        }
        sentTo[host] = sent
        receivedFrom[host] = received
        if finished[host] == nil { done[host] = max(done[host], verified) }
        let sample = TrafficSample(
            time: time, received: received.values.reduce(0, +), sent: sent.values.reduce(0, +))
        if let last = samples[host].last, sample.received > last.received || sample.sent > last.sent {
            lastArrival = time
        }
        samples[host].append(sample)
        lastReport[host] = time
    }

    /// Bytes that the host has sent in all, as it tells.
    func sent(by host: Int) -> Int64 { sentTo[host].values.reduce(0, +) }

    /// Receivers that do not have everything.
    var unfinished: [Int] { finished.indices.filter { finished[$0] == nil } }

    func progress(at elapsed: Double) -> LabProgress {
        let receivers = scenario.hosts.indices.filter { scenario.hosts[$0].role == .receiver }
        return LabProgress(
            model: model, receivers: receivers.count, elapsed: elapsed,
            finishedReceivers: receivers.count { finished[$0] != nil },
            bytes: receivers.reduce(0) { $0 + done[$1] }, totalBytes: Int64(receivers.count) * scenario.size)
    }

    /// - Parameters:
    ///   - bound: seconds.
    ///   - programs: what each host ran.
    func run(bound: Double, programs: [String]) -> LabRun {
        let hosts = scenario.hosts.indices.map { host in
            let plan = scenario.hosts[host]
            var served: [Int: Int64] = [:]
            for other in scenario.hosts.indices where other != host {
                let bytes = max(sentTo[host][other] ?? 0, receivedFrom[other][host] ?? 0)
                if bytes > 0 { served[other] = bytes }
            }
            return HostRecord(
                name: plan.name, role: plan.role, program: programs[host], start: plan.start,
                finished: finished[host], samples: samples[host], servedTo: served)
        }
        return LabRun(model: model, size: scenario.size, hosts: hosts, bound: bound)
    }
}
