/// Whether the system lets Duplex watch as many folders as are shared (inotify(7)).
struct WatchCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        var watches: Int
        var instances: Int
        /// nil if no host is running.
        var host: WatchFacts?
    }

    let id = "watches"
    let subject = "how many folders may be watched for changes"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        guard let watches = limit("watches"), let instances = limit("instances") else {
            throw LookFailure("\(system.proc)/sys/fs/inotify does not say")
        }
        return Self.judge(Facts(watches: watches, instances: instances, host: input.hostFacts?.watching))
    }

    /// Within a container there may be one of its own, besides that of the whole computer.
    private func limit(_ kind: String) -> Int? {
        guard let number = system.number(system.proc + "/sys/fs/inotify/max_user_" + kind) else { return nil }
        return min(number, system.number(system.proc + "/sys/user/max_inotify_" + kind) ?? .max)
    }

    static func judge(_ facts: Facts) -> [Finding] {
        var findings: [Finding] = []
        if let host = facts.host, let limit = host.limit, host.rescannedShares > 0 {
            findings.append(reached(limit, host, facts))
        } else if let folders = facts.host?.folders, folders > facts.watches / 5 * 4 {
            findings.append(
                Finding(
                    id: "watches.folders", severity: .warning,
                    title: "Nearly as many folders are shared as may be watched",
                    explanation:
                        "Changes in folders that are not watched are noticed late. Other programs take from the same "
                        + "number.",
                    remedy: "sudo sysctl fs.inotify.max_user_watches=\(wantedWatches(facts))",
                    evidence: ["Duplex watches \(folders) folders, \(facts.watches) may be watched"]))
        }
        if facts.instances < 16 {
            findings.append(
                Finding(
                    id: "watches.programs", severity: .warning,
                    title: "Only \(facts.instances) programs may watch folders",
                    explanation: "Others may take all of them, and Duplex then notices changes late.",
                    remedy: "sudo sysctl fs.inotify.max_user_instances=\(usualInstances)",
                    evidence: ["fs.inotify.max_user_instances is \(facts.instances)"]))
        }
        guard findings.isEmpty else { return findings }
        return [
            Finding(
                id: "watches.folders", severity: .ok, title: "\(facts.watches) folders may be watched for changes",
                evidence: facts.host.map { ["Duplex watches \($0.folders)"] } ?? [])
        ]
    }

    private static let usualInstances = 128

    private static func wantedWatches(_ facts: Facts) -> Int {
        min(max(facts.watches, facts.host?.folders ?? 0, 32768), 1 << 30) * 2
    }

    /// The host has met the limit.
    private static func reached(_ limit: String, _ host: WatchFacts, _ facts: Facts) -> Finding {
        let isOfPrograms = limit == "max_user_instances"
        let wanted = isOfPrograms ? max(usualInstances, min(facts.instances, 1 << 30) * 2) : wantedWatches(facts)
        return Finding(
            id: "watches.folders", severity: .warning,
            title: host.rescannedShares == 1
                ? "One share is looked through again and again, since its folders cannot be watched"
                : "\(host.rescannedShares) shares are looked through again and again, since their folders cannot be watched",
            explanation:
                "Changes are noticed some seconds later, and looking takes work. "
                + (isOfPrograms
                    ? "The programs of this user watch folders in as many places as they may."
                    : "The programs of this user watch as many folders as they may."),
            remedy: "sudo sysctl fs.inotify.\(limit)=\(wanted); then start Duplex anew",
            evidence: ["Duplex watches \(host.folders) folders, \(facts.watches) may be watched"])
    }
}
