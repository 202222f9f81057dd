/// What a running host knows of itself and of others.
public struct HostFacts: Sendable, Equatable {
    /// The host's process.
    public var processID: Int32
    public var multicast: MulticastFacts?
    /// Clocks of other hosts.
    public var clocks: [ClockReading]
    /// Hosts that the user added by their address.
    public var knownHosts: [KnownHost]
    /// Names of hosts that were found because they were heard.
    public var foundHosts: [String]
    /// Folders that are watched for changes: all shared ones and the folders inside them.
    public var watchedFolders: Int
    /// How many files and connections the host has open, and how many it may have.
    public var descriptors: DescriptorFacts?

    public init(
        processID: Int32, multicast: MulticastFacts? = nil, clocks: [ClockReading] = [], knownHosts: [KnownHost] = [],
        foundHosts: [String] = [], watchedFolders: Int = 0, descriptors: DescriptorFacts? = nil
    ) {
        self.processID = processID
        self.multicast = multicast
        self.clocks = clocks
        self.knownHosts = knownHosts
        self.foundHosts = foundHosts
        self.watchedFolders = watchedFolders
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

/// How many files and connections a process has open, and how many it may have.
public struct DescriptorFacts: Sendable, Equatable {
    public var open: Int
    public var softLimit: Int
    public var hardLimit: Int

    public init(open: Int, softLimit: Int, hardLimit: Int) {
        self.open = open
        self.softLimit = softLimit
        self.hardLimit = hardLimit
    }
}
