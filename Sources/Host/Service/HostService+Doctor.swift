import Doctor
import PeerWire
import Storage
import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What only a running host knows of its network and its limits, for the doctor.
public struct DoctorFacts: Codable, Sendable, Equatable {
    public struct Clock: Codable, Sendable, Equatable {
        public var host: String
        /// How far that host's clock is ahead of this computer's.
        public var secondsAhead: Double
    }

    public struct Known: Codable, Sendable, Equatable {
        public var address: String
        public var answers: Bool
    }

    /// What was sent to all computers at one interface and what was heard there, since the host started.
    public struct Multicast: Codable, Sendable, Equatable {
        public var interface: String
        /// The groups that are joined there.
        public var groups: [String]
        public var sent: Int
        /// What came back of what this computer sent, with that of other programs on it.
        public var heardOwn: Int
        public var heard: Int
        /// Other hosts that were heard in the last ten minutes.
        public var recentHosts: Int
        /// How many seconds ago one was heard last.
        public var lastHeard: Double?
        public var failure: String?
    }

    /// How changes in shared folders are noticed.
    public struct Watching: Codable, Sendable, Equatable {
        /// Folders of which the system tells.
        public var folders: Int
        /// Shares that are looked through by time instead.
        public var rescannedShares: Int
        /// The system's limit that was reached, such as `max_user_watches`.
        public var limit: String?
    }

    /// How many files and connections the host has open, and how many it may have.
    public struct Descriptors: Codable, Sendable, Equatable {
        public var open: Int
        public var softLimit: Int
        public var hardLimit: Int
    }

    public var processID: Int32
    public var port: Int
    public var portIsFixed: Bool
    public var clocks: [Clock]
    /// Hosts that were named by their addresses.
    public var knownHosts: [Known]
    /// Names of hosts that discovery has found.
    public var foundHosts: [String]
    /// Names of hosts in the settings that lead to no address now; nil if all are known.
    public var unknownNames: [String]?
    /// Nil if the host does not look for others by multicast.
    public var multicast: [Multicast]?
    /// Nil if the host does not watch what it shares.
    public var watching: Watching?
    /// Nil if the system does not say.
    public var descriptors: Descriptors?
}

extension HostService {
    func doctorFacts() async -> DoctorFacts {
        let unknown = unknownNames
        let isFixed = if case .address(_, let port) = settings.listen { port != 0 } else { false }
        return DoctorFacts(
            processID: getpid(), port: Int(host.listenAddresses.first?.port ?? 0), portIsFixed: isFixed,
            clocks: await directory.clocks, knownHosts: await directory.givenHosts,
            foundHosts: await directory.discovered, unknownNames: unknown.isEmpty ? nil : unknown,
            multicast: await network?.hearing.map(DoctorFacts.Multicast.init),
            watching: watcher.map { DoctorFacts.Watching($0.figures) },
            descriptors: DescriptorFacts.ofThisProcess().map(DoctorFacts.Descriptors.init))
    }

    /// Everything that the doctor finds from inside this host.
    func findings() async -> [FindingModel] {
        let input = DoctorInput(await doctorFacts(), statePath: state.path, downloadPath: state.path)
        return await Diagnosis.examine(input).map(FindingModel.init)
    }
}

extension DoctorInput {
    /// With what a running host knows.
    public init(_ facts: DoctorFacts, statePath: String, downloadPath: String) {
        self.init(
            listenPort: UInt16(clamping: facts.port), portIsFixed: facts.portIsFixed, statePath: statePath,
            downloadPath: downloadPath,
            hostFacts: HostFacts(
                processID: facts.processID,
                multicast: facts.multicast.map { MulticastFacts(interfaces: $0.map(MulticastFacts.Interface.init)) },
                clocks: facts.clocks.map { ClockReading(host: $0.host, secondsAhead: $0.secondsAhead) },
                knownHosts: facts.knownHosts.map { KnownHost(address: $0.address, answers: $0.answers) },
                foundHosts: facts.foundHosts, unknownNames: facts.unknownNames ?? [],
                watching: facts.watching.map {
                    WatchFacts(folders: $0.folders, rescannedShares: $0.rescannedShares, limit: $0.limit)
                },
                descriptors: facts.descriptors.map {
                    DescriptorFacts(open: $0.open, softLimit: $0.softLimit, hardLimit: $0.hardLimit)
                }))
    }
}

extension DoctorFacts.Multicast {
    init(_ hearing: DiscoveryHearing) {
        self.init(
            interface: hearing.interface, groups: hearing.groups, sent: hearing.sent, heardOwn: hearing.heardOwn,
            heard: hearing.heard, recentHosts: hearing.recentHosts,
            lastHeard: hearing.lastHeard.map { $0 / .seconds(1) },
            failure: hearing.failure)
    }
}

extension MulticastFacts.Interface {
    init(_ facts: DoctorFacts.Multicast) {
        self.init(
            name: facts.interface, groups: facts.groups, sent: facts.sent, heardOwn: facts.heardOwn, heard: facts.heard,
            otherHosts: facts.recentHosts, lastHeard: facts.lastHeard, sendingFailure: facts.failure)
    }
}

extension DoctorFacts.Watching {
    init(_ figures: WatchFigures) {
        self.init(folders: figures.folders, rescannedShares: figures.rescanned, limit: figures.reachedLimit)
    }
}

extension DoctorFacts.Descriptors {
    init(_ facts: DescriptorFacts) {
        self.init(open: facts.open, softLimit: facts.softLimit, hardLimit: facts.hardLimit)
    }
}

/// What the doctor found, as the control API shows it.
public struct FindingModel: Codable, Sendable, Equatable {
    public var id: String
    /// `ok`, `note`, `warning` or `problem`.
    public var severity: String
    public var title: String
    public var explanation: String
    public var remedy: String?
    public var evidence: [String]

    init(_ finding: Finding) {
        id = finding.id
        severity = finding.severity.rawValue
        title = finding.title
        explanation = finding.explanation
        remedy = finding.remedy
        evidence = finding.evidence
    }
}
