import Doctor
import PeerWire
import Storage

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

    public var processID: Int32
    public var port: Int
    public var portIsFixed: Bool
    public var clocks: [Clock]
    /// Hosts that were named by their addresses.
    public var knownHosts: [Known]
    /// Names of hosts that discovery has found.
    public var foundHosts: [String]
}

extension HostService {
    func doctorFacts() async -> DoctorFacts {
        let isFixed = if case .address(_, let port) = settings.listen { port != 0 } else { false }
        return DoctorFacts(
            processID: getpid(), port: Int(host.listenAddresses.first?.port ?? 0), portIsFixed: isFixed,
            clocks: await directory.clocks, knownHosts: await directory.givenHosts,
            foundHosts: await directory.discovered)
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
                processID: facts.processID, multicast: nil,
                clocks: facts.clocks.map { ClockReading(host: $0.host, secondsAhead: $0.secondsAhead) },
                knownHosts: facts.knownHosts.map { KnownHost(address: $0.address, answers: $0.answers) },
                foundHosts: facts.foundHosts, watchedFolders: 0, descriptors: nil))
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
