/// What a running host knows of itself and of others.
public struct HostFacts: Sendable, Equatable {
    /// The host's process.
    public var processID: Int32
    /// What it sent and heard; nil if it does not look for others by multicast.
    public var multicast: MulticastFacts?
    /// Clocks of other hosts.
    public var clocks: [ClockReading]
    /// Hosts that the user added by their address.
    public var knownHosts: [KnownHost]
    /// Names of hosts that were found because they were heard.
    public var foundHosts: [String]
    /// Names of hosts in its settings that lead to no address now.
    public var unknownNames: [String]
    /// How it hears of changes; nil if it does not watch what it shares.
    public var watching: WatchFacts?
    /// How many files and connections the host has open, and how many it may have.
    public var descriptors: DescriptorFacts?

    public init(
        processID: Int32, multicast: MulticastFacts? = nil, clocks: [ClockReading] = [], knownHosts: [KnownHost] = [],
        foundHosts: [String] = [], unknownNames: [String] = [], watching: WatchFacts? = nil,
        descriptors: DescriptorFacts? = nil
    ) {
        self.processID = processID
        self.multicast = multicast
        self.clocks = clocks
        self.knownHosts = knownHosts
        self.foundHosts = foundHosts
        self.unknownNames = unknownNames
        self.watching = watching
        self.descriptors = descriptors
    }
}

/// The clock of another host, for example by the `Date` of its HTTP answers.
public struct ClockReading: Sendable, Equatable {
    public var host: String
    /// Its clock minus this computer's, in seconds.
    public var secondsAhead: Double

    public init(host: String, secondsAhead: Double) {
        self.host = host
        self.secondsAhead = secondsAhead
    }
}

/// A host that the user added by its address.
public struct KnownHost: Sendable, Equatable {
    /// The IP address alone, such as `192.168.1.4`.
    public var address: String
    /// It answered lately.
    public var answers: Bool

    public init(address: String, answers: Bool) {
        self.address = address
        self.answers = answers
    }
}

/// How a host hears of changes in what it shares.
public struct WatchFacts: Sendable, Equatable {
    /// Folders of which the system tells: the shared ones, those inside them, and those that lead to them.
    public var folders: Int
    /// Shares that are looked through by time, since the system tells of no more.
    public var rescannedShares: Int
    /// The system's limit that was reached, such as `max_user_watches`.
    public var limit: String?

    public init(folders: Int, rescannedShares: Int = 0, limit: String? = nil) {
        self.folders = folders
        self.rescannedShares = rescannedShares
        self.limit = limit
    }
}
