/// One network, one file, and who does what with it: what a lab runs, simulated or real, by either model.
public struct LabScenario: Sendable, Equatable {
    /// The word that names it on the command line.
    public var name: String
    /// A line for people.
    public var title: String
    /// What it shows, in plain words.
    public var explanation: String
    /// Length of the file in bytes.
    public var size: Int64
    /// The source first, then the receivers, then dedicated servers, which have the file from the start too and serve
    /// it peer-to-peer.
    public var hosts: [HostPlan]
    public var wiring: Wiring

    /// What the hosts' links lead to.
    public enum Wiring: String, Sendable {
        /// All to one switch.
        case `switch`
        /// Two hosts, and each one's link is the other's.
        case cable
    }

    public init(
        name: String, title: String, explanation: String, size: Int64, hosts: [HostPlan], wiring: Wiring = .switch
    ) {
        self.name = name
        self.title = title
        self.explanation = explanation
        self.size = size
        self.hosts = hosts
        self.wiring = wiring
    }

    public var receiverCount: Int { hosts.count { $0.role == .receiver } }
}

/// One host of a scenario.
public struct HostPlan: Sendable, Equatable {
    public var name: String
    public var role: HostRecord.Role
    public var program: LabProgram
    public var link: LinkPlan
    /// Seconds after the start of the run at which it begins.
    public var start: Double
    public var departure: Departure

    public init(
        name: String, role: HostRecord.Role, program: LabProgram = .duplex, link: LinkPlan, start: Double = 0,
        departure: Departure = .never
    ) {
        self.name = name
        self.role = role
        self.program = program
        self.link = link
        self.start = start
        self.departure = departure
    }

    /// When a host goes without a word, as one does whose lid is closed.
    public enum Departure: Sendable, Equatable {
        case never
        /// As soon as it has sent so many copies of the file.
        case afterCopies(Double)
    }
}

public enum LabProgram: String, Sendable {
    case duplex, libtorrent
}

/// A host's link to the switch.
public struct LinkPlan: Sendable, Equatable {
    /// Bits a second from the host and to it, everything on the wire counted.
    public var up: Int64
    public var down: Int64
    /// Seconds that a packet takes from the host to the switch.
    public var delay: Double
    /// The part (0..<1) of packets that is lost.
    public var loss: Double

    public init(up: Int64, down: Int64, delay: Double = 0, loss: Double = 0) {
        self.up = up
        self.down = down
        self.delay = delay
        self.loss = loss
    }
}
