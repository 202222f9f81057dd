/// Whether the hosts that the settings name can be asked: a name that leads to no address is of no use. Says nothing when
/// all is well, since most hosts name none.
struct NameCheck: HealthCheck {
    let id = "names"
    let subject = "names of hosts"
    /// Those that lead nowhere now.
    let unknown: [String]

    func findings() throws -> [Finding] {
        guard !unknown.isEmpty else { return [] }
        return [
            Finding(
                id: "names.unknown", severity: .warning,
                title: unknown.count == 1
                    ? "The name of a host is not known now" : "Names of \(unknown.count) hosts are not known now",
                explanation:
                    "The settings name hosts to ask, and these lead to no address. They are looked up again from time to time.",
                remedy: "check how they are written in --host, or give addresses such as 192.168.1.4",
                evidence: Array(unknown.prefix(8)))
        ]
    }
}
