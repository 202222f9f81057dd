/// How a file gets from the one host that has it to all others.
public enum DeliveryModel: String, Sendable, CaseIterable {
    /// Every receiver fetches from the one server alone.
    case clientServer
    /// Receivers serve each other too.
    case peerToPeer
}

/// What was measured of one delivery of one file by one model.
public struct LabRun: Sendable, Equatable {
    public var model: DeliveryModel
    /// Length of the file in bytes.
    public var size: Int64
    /// The source first, then the receivers (and further sources, such as a dedicated server, behind them).
    public var hosts: [HostRecord]
    /// The least time in seconds that the links allow by this model; see ``FluidBound``.
    public var bound: Double

    public init(model: DeliveryModel, size: Int64, hosts: [HostRecord], bound: Double) {
        self.model = model
        self.size = size
        self.hosts = hosts
        self.bound = bound
    }

    public var receivers: [HostRecord] { hosts.filter { $0.role == .receiver } }

    /// Seconds until the last receiver had everything; nil if not all came to an end.
    public var duration: Double? { percentile(1) }

    /// Seconds until this part (0...1) of all receivers had everything, each counted from its own start.
    public func percentile(_ part: Double) -> Double? {
        let times = receivers.map { ($0.finished ?? .infinity) - $0.start }.sorted()
        guard let last = times.indices.last else { return nil }
        let time = times[min(last, max(0, Int((part * Double(times.count)).rounded(.up)) - 1))]
        return time.isFinite ? time : nil
    }

    /// How many times over the source sent the file.
    public var sourceCopies: Double { size > 0 ? Double(hosts.first?.bytesSent ?? 0) / Double(size) : 0 }
}

/// What one host did in a run.
public struct HostRecord: Sendable, Equatable {
    public enum Role: String, Sendable {
        case source, receiver, dedicated
    }

    public var name: String
    public var role: Role
    /// What it runs: "duplex" or "libtorrent 2.0.8".
    public var program: String
    /// Seconds after the start of the run at which this host began.
    public var start: Double
    /// Seconds after the start of the run at which it had everything; nil if it never did. A source has it at 0.
    public var finished: Double?
    /// What it had received and sent in all, payload bytes, at moments in ascending order.
    public var samples: [TrafficSample]
    /// Payload bytes that it sent to each other host, by index into ``LabRun/hosts``.
    public var servedTo: [Int: Int64]

    public init(
        name: String, role: Role, program: String = "duplex", start: Double = 0, finished: Double? = nil,
        samples: [TrafficSample] = [], servedTo: [Int: Int64] = [:]
    ) {
        self.name = name
        self.role = role
        self.program = program
        self.start = start
        self.finished = finished
        self.samples = samples
        self.servedTo = servedTo
    }

    public var bytesSent: Int64 { servedTo.values.reduce(0, +) }
}

public struct TrafficSample: Sendable, Equatable {
    /// Seconds after the start of the run.
    public var time: Double
    public var received: Int64
    public var sent: Int64

    public init(time: Double, received: Int64, sent: Int64) {
        self.time = time
        self.received = received
        self.sent = sent
    }
}
