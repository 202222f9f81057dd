/// How many files and connections Duplex may have open: each partner and each file of a share takes one.
struct DescriptorCheck: HealthCheck {
    let id = "files"
    let subject = "how many files may be open"
    let input: DoctorInput

    /// Of the running host, or else of this process: what the user's next `duplex` would be allowed.
    func findings() throws -> [Finding] {
        if let facts = input.hostFacts?.descriptors { return [Self.judge(facts, isHost: true)] }
        guard let own = DescriptorFacts.ofThisProcess() else { throw LookFailure("the system does not say") }
        return [Self.judge(own, isHost: false)]
    }

    static func judge(_ facts: DescriptorFacts, isHost: Bool) -> Finding {
        let evidence = ["limit \(facts.softLimit), highest possible \(facts.hardLimit), open now \(facts.open)"]
        let isFull = facts.open > facts.softLimit / 5 * 4
        guard facts.softLimit < 1024 || isFull && isHost else {
            return Finding(
                id: "files.limit", severity: .ok,
                title: "\(facts.softLimit) files and connections may be open at once", evidence: evidence)
        }
        let wanted = min(max(4096, facts.open * 2), max(facts.hardLimit, 1024))
        let isTight = facts.softLimit < 256 || isFull
        let command = wanted <= facts.hardLimit ? "ulimit -n \(wanted)" : "sudo prlimit --pid $$ --nofile=\(wanted)"
        return Finding(
            id: "files.limit", severity: isTight ? .problem : .warning,
            title: isFull && isHost
                ? "\(facts.open) of at most \(facts.softLimit) files and connections are open"
                : "Only \(facts.softLimit) files and connections may be open at once",
            explanation:
                "Each computer that fetches and each open file takes one. When there are none left, others are "
                + "refused and files cannot be read.",
            remedy: "\(command), in the same shell before Duplex is started", evidence: evidence)
    }
}
