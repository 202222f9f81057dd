/// Whether another program has the port on which Duplex takes connections.
struct PortCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        /// Somebody takes connections there.
        var isTaken: Bool
        /// Who; nil if that is hidden from this user.
        var owner: Owner?
        /// It is the host that handed in its facts.
        var isHost: Bool
    }

    struct Owner: Sendable, Equatable {
        var process: Int32
        var name: String
    }

    let id = "port"
    let subject: String
    let input: DoctorInput
    let system: SystemAccess

    init(input: DoctorInput, system: SystemAccess) {
        self.input = input
        self.system = system
        subject = "who uses TCP port \(input.listenPort)"
    }

    func findings() throws -> [Finding] {
        guard input.listenPort != 0 else { return [] }
        return [Self.judge(try facts(), port: input.listenPort, isFixed: input.portIsFixed)]
    }

    func facts() throws(LookFailure) -> Facts {
        var inodes = SocketTable.listeners(try system.text(system.proc + "/net/tcp"), port: input.listenPort)
        // Absent where IPv6 is off.
        if let six = try? system.text(system.proc + "/net/tcp6") {
            inodes.formUnion(SocketTable.listeners(six, port: input.listenPort))
        }
        guard !inodes.isEmpty else { return Facts(isTaken: false, owner: nil, isHost: false) }
        let owner = SocketTable.owner(of: inodes, proc: system.proc, system)
        return Facts(isTaken: true, owner: owner, isHost: owner != nil && owner?.process == input.hostFacts?.processID)
    }

    static func judge(_ facts: Facts, port: UInt16, isFixed: Bool) -> Finding {
        guard facts.isTaken else {
            return Finding(id: "port.taken", severity: .ok, title: "TCP port \(port) is free")
        }
        let who = facts.owner.map { "\($0.name) (process \($0.process))" }
        if facts.isHost || facts.owner?.name == "duplex" {
            return Finding(
                id: "port.taken", severity: .ok, title: "Duplex itself uses TCP port \(port)",
                evidence: [who].compactMap(\.self))
        }
        let other = port == UInt16.max ? port - 1 : port + 1
        return Finding(
            id: "port.taken", severity: isFixed ? .problem : .warning,
            title: "\(facts.owner?.name ?? "Another program") uses TCP port \(port)",
            explanation: isFixed
                ? "Duplex cannot take connections there."
                : "Duplex takes another port, which changes with each start: a firewall that lets \(port) through does "
                    + "not help, and addresses that others wrote down go to the wrong program.",
            remedy: facts.owner.map { "end it (kill \($0.process)), or choose another port: --listen '*:\(other)'" }
                ?? "see who it is with: sudo ss -ltnp 'sport = :\(port)'; or choose another port: --listen '*:\(other)'",
            evidence: [who ?? "the program belongs to another user, so its name is hidden"])
    }
}
