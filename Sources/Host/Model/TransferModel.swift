/// A transfer as the control API shows it.
public struct TransferModel: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// One of this host's own shares.
        case share
        case fetch
    }

    public enum Phase: String, Codable, Sendable {
        /// The description is being fetched.
        case metadata
        /// What is on disk is being verified.
        case checking
        case fetching
        case complete
        /// Everything was here once. Some of it was changed, deleted or replaced since, the rest is served.
        case partial
        /// It cannot go on, as the message says; without a message its user paused it.
        case paused
        /// It is being begun.
        case starting
    }

    public var id: String
    public var kind: Kind
    public var name: String?
    public var phase: Phase
    public var message: String?
    /// Verified bytes of what is wanted, and how many are wanted (0 while unknown).
    public var done: Int64
    public var total: Int64
    /// Bytes a second now.
    public var down: Int64
    public var up: Int64
    /// Payload bytes since the host began with it.
    public var downloaded: Int64
    public var uploaded: Int64
    public var peers: Int
    /// Web seeds that are asked for something now.
    public var webSeeds: Int
    /// Peers that are served now.
    public var clients: Int
    public var partners: [PartnerModel]
    /// The folder that it is fetched into.
    public var directory: String?
    /// The host and share that it came from by name.
    public var host: String?
    public var share: String?
    /// Whether new versions of the share are fetched as they come.
    public var follow: Bool
    /// The version of the share that is here, whole; 0 for none yet or none known.
    public var version: Int64
    /// What the switch to this version has done, if it was cut short and came to its end when the host began again;
    /// until somebody has asked for it.
    public var brought: TransferDone?
}

/// What went between this host and another one.
public struct PartnerModel: Codable, Sendable, Equatable {
    public var address: String
    public var `protocol`: PartnerTraffic.Wire
    public var downloaded: Int64
    public var uploaded: Int64
}
