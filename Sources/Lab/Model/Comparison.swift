/// Client/server and peer-to-peer with the same number of receivers.
public struct Comparison: Sendable, Equatable {
    public var receivers: Int
    public var clientServer: LabRun
    public var peerToPeer: LabRun

    public init(receivers: Int, clientServer: LabRun, peerToPeer: LabRun) {
        self.receivers = receivers
        self.clientServer = clientServer
        self.peerToPeer = peerToPeer
    }
}

/// What a comparison was made with, for its report.
public struct LabSettings: Sendable, Equatable {
    public enum Place: String, Sendable {
        /// Network namespaces of this computer, each running the program.
        case real
        /// Virtual time.
        case simulated
    }

    public var place: Place
    public var hosts: [Int]
    /// Bytes.
    public var size: Int64
    /// Bits a second of each link, each way.
    public var rate: Int64
    public var seed: UInt64
    /// Bytes a second of payload that fit into such a link; the bounds count with it.
    public var payloadRate: Double
    /// The scenario's name if it is one of the ready ones.
    public var title: String

    public init(
        place: Place, hosts: [Int], size: Int64, rate: Int64, seed: UInt64, payloadRate: Double, title: String
    ) {
        self.place = place
        self.hosts = hosts
        self.size = size
        self.rate = rate
        self.seed = seed
        self.payloadRate = payloadRate
        self.title = title
    }
}

/// How far a lab has come, for whoever watches.
public struct LabProgress: Sendable, Equatable {
    public var model: DeliveryModel
    public var receivers: Int
    /// Seconds of the run, virtual when simulated.
    public var elapsed: Double
    public var finishedReceivers: Int
    /// Payload bytes that receivers have, of `totalBytes`.
    public var bytes: Int64
    public var totalBytes: Int64

    public init(
        model: DeliveryModel, receivers: Int, elapsed: Double, finishedReceivers: Int, bytes: Int64, totalBytes: Int64
    ) {
        self.model = model
        self.receivers = receivers
        self.elapsed = elapsed
        self.finishedReceivers = finishedReceivers
        self.bytes = bytes
        self.totalBytes = totalBytes
    }
}
