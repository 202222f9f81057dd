/// What a report says about one run, computed once.
struct RunFigures {
    let run: LabRun
    /// Seconds until the last receiver had everything; nil if not all came to an end.
    let duration: Double?
    /// Seconds until half, and 99 of 100, of the receivers had everything.
    let median: Double?
    let ninetyNine: Double?
    let receivers: Int
    let finishedReceivers: Int
    /// Payload bytes by host, in the order of ``LabRun/hosts``.
    let received: [Int64]
    let sent: [Int64]
    /// Parts (0...1) of what receivers received, by the role of who sent it; all zero if nothing was received.
    let fromSource: Double
    let fromReceivers: Double
    let fromDedicated: Double

    init(_ run: LabRun) {
        self.run = run
        duration = run.duration
        median = run.percentile(0.5)
        ninetyNine = run.percentile(0.99)
        receivers = run.hosts.count { $0.role == .receiver }
        finishedReceivers = run.hosts.count { $0.role == .receiver && $0.finished != nil }

        var arrived = [Int64](repeating: 0, count: run.hosts.count)
        var byRole: [HostRecord.Role: Double] = [:]
        for host in run.hosts {
            for (receiver, bytes) in host.servedTo where run.hosts.indices.contains(receiver) {
                arrived[receiver] += bytes
                if run.hosts[receiver].role == .receiver { byRole[host.role, default: 0] += Double(bytes) }
            }
        }
        // A host samples its own traffic, its partners tell what they sent it: what is known last is the larger.
        received = zip(run.hosts, arrived).map { max($0.samples.last?.received ?? 0, $1) }
        sent = run.hosts.map { max($0.samples.last?.sent ?? 0, $0.bytesSent) }

        let source = byRole[.source] ?? 0
        let receiver = byRole[.receiver] ?? 0
        let dedicated = byRole[.dedicated] ?? 0
        let total = max(1, source + receiver + dedicated)
        fromSource = source / total
        fromReceivers = receiver / total
        fromDedicated = dedicated / total
    }

    /// The part of the time that the links alone take; nil if the run did not finish.
    var efficiency: Double? {
        guard let duration, duration > 0 else { return nil }
        return run.bound / duration
    }

    /// Seconds after the start of the run of the last thing that happened.
    var end: Double {
        run.hosts.map { max($0.finished ?? 0, $0.samples.last?.time ?? 0, $0.start) }.max() ?? 0
    }

    /// How many times over a host sent the file.
    func copies(sentBy host: Int) -> Double { run.size > 0 ? Double(sent[host]) / Double(run.size) : 0 }
}

extension Comparison {
    /// How many times as fast peer-to-peer was; nil unless both finished.
    var fasterBy: Double? {
        guard let client = clientServer.duration, let peer = peerToPeer.duration, peer > 0 else { return nil }
        return client / peer
    }

    var hasDedicated: Bool { (clientServer.hosts + peerToPeer.hosts).contains { $0.role == .dedicated } }
}
