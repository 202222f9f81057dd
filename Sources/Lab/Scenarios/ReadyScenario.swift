/// A scenario that is there to be run by its name: `duplex lab run NAME`.
public struct ReadyScenario: Sendable, Equatable {
    public var scenario: LabScenario
    public var places: [LabSettings.Place]
    /// What is special about running it, for the list; nil if nothing is.
    public var remark: String?

    /// All of them, from the simplest on.
    public static let all = [
        cable, eightOnASwitch, slowLink, sourceLeaves, flashCrowd, dedicatedServer, halfLibtorrent,
    ]

    public static func named(_ name: String) -> ReadyScenario? {
        all.first { $0.scenario.name == name }
    }

    private init(_ scenario: LabScenario, places: [LabSettings.Place] = [.simulated, .real], remark: String? = nil) {
        self.scenario = scenario
        self.places = places
        self.remark = remark
    }
}

private let megabit: Int64 = 1_000_000
private let mebibyte: Int64 = 1 << 20

/// As home connections are sold: a fast way in, a slow way out.
private let homeLink = LinkPlan(up: 10 * megabit, down: 50 * megabit)
private let officeLink = LinkPlan(up: 50 * megabit, down: 50 * megabit)

extension ReadyScenario {
    static let cable: ReadyScenario = {
        let link = LinkPlan(up: 1000 * megabit, down: 1000 * megabit)
        return ReadyScenario(
            LabScenario(
                name: "cable", title: "Two computers on a bare cable",
                explanation: """
                    Nothing but a gigabit cable from one to the other. With one receiver there is nobody else to \
                    fetch from: peer-to-peer must cost nothing here.
                    """,
                size: 256 * mebibyte, hosts: LabScenario.hosts(source: link, receivers: [link]), wiring: .cable))
    }()

    static let eightOnASwitch = ReadyScenario(
        LabScenario(
            name: "switch", title: "A switch with 8 receivers",
            explanation: """
                Eight computers in one room want the same file. A server's link carries it eight times; a swarm's \
                source sends it about once.
                """,
            size: 64 * mebibyte,
            hosts: LabScenario.hosts(source: officeLink, receivers: Array(repeating: officeLink, count: 8))))

    static let slowLink = ReadyScenario(
        LabScenario(
            name: "slow-link", title: "One slow link",
            explanation: """
                One of eight has a fifth of the others' rate. It must not hold up the rest, and takes its own time \
                anyway.
                """,
            size: 32 * mebibyte,
            hosts: LabScenario.hosts(
                source: officeLink,
                receivers: Array(repeating: officeLink, count: 7) + [LinkPlan(up: 10 * megabit, down: 10 * megabit)])))

    static let sourceLeaves: ReadyScenario = {
        var hosts = LabScenario.hosts(
            source: LinkPlan(up: 100 * megabit, down: 100 * megabit), receivers: Array(repeating: homeLink, count: 8))
        hosts[0].departure = .afterCopies(2)
        return ReadyScenario(
            LabScenario(
                name: "source-leaves", title: "A source that leaves half way",
                explanation: """
                    The source is gone, without a word, once it has sent two of the eight copies. Client/server is \
                    over then; a swarm has every piece somewhere and goes on.
                    """,
                size: 32 * mebibyte, hosts: hosts),
            remark: "by client/server not all receivers can finish")
    }()

    static let flashCrowd = ReadyScenario(
        LabScenario(
            name: "flash-crowd", title: "A flash crowd of 1,000",
            explanation: """
                A thousand want the file in the same moment. A server takes a thousand times as long as for one; a \
                swarm grows with those who come.
                """,
            size: 16 * mebibyte,
            hosts: LabScenario.hosts(source: officeLink, receivers: Array(repeating: officeLink, count: 1000))),
        places: [.simulated], remark: "more hosts than one computer can run")

    static let dedicatedServer: ReadyScenario = {
        let server = HostPlan(
            name: "dedicated", role: .dedicated, link: LinkPlan(up: 200 * megabit, down: 200 * megabit))
        return ReadyScenario(
            LabScenario(
                name: "dedicated-server", title: "A dedicated server added",
                explanation: """
                    Nine home connections with slow uplinks; a computer that only serves has a copy and helps the \
                    swarm. Client/server here is the source alone.
                    """,
                size: 16 * mebibyte,
                hosts: LabScenario.hosts(source: homeLink, receivers: Array(repeating: homeLink, count: 8)) + [server]))
    }()

    static let halfLibtorrent: ReadyScenario = {
        var hosts = LabScenario.hosts(source: officeLink, receivers: Array(repeating: officeLink, count: 8))
        for index in hosts.indices.dropFirst() where index.isMultiple(of: 2) { hosts[index].program = .libtorrent }
        return ReadyScenario(
            LabScenario(
                name: "half-libtorrent", title: "Half libtorrent",
                explanation: """
                    Every other receiver runs libtorrent, as qBittorrent and others do: the protocol is the same, \
                    and so must the result be.
                    """,
                size: 32 * mebibyte, hosts: hosts),
            remark: "real: needs python3 with libtorrent; simulated: peers that only do what the protocol asks for")
    }()
}
