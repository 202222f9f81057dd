/// Whether the system lets Duplex watch as many folders as are shared (inotify(7)).
struct WatchCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        var watches: Int
        var instances: Int
        /// nil if no host is running.
        var needed: Int?
    }

    let id = "watches"
    let subject = "how many folders may be watched for changes"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let folder = system.proc + "/sys/fs/inotify"
        guard let watches = system.number(folder + "/max_user_watches"),
            let instances = system.number(folder + "/max_user_instances")
        else { throw LookFailure("\(folder) does not say") }
        return Self.judge(Facts(watches: watches, instances: instances, needed: input.hostFacts?.watchedFolders))
    }

    static func judge(_ facts: Facts) -> [Finding] {
        var findings: [Finding] = []
        if let needed = facts.needed, needed > facts.watches / 5 * 4 {
            let wanted = max(needed * 2, 65536)
            findings.append(
                Finding(
                    id: "watches.folders", severity: needed > facts.watches ? .problem : .warning,
                    title: needed > facts.watches
                        ? "More folders are shared than may be watched"
                        : "Nearly as many folders are shared as may be watched",
                    explanation:
                        "Changes in folders that are not watched are noticed late, or when Duplex starts anew. "
                        + "Other programs take from the same number.",
                    remedy: "sudo sysctl fs.inotify.max_user_watches=\(wanted)",
                    evidence: ["\(needed) folders are shared, \(facts.watches) may be watched"]))
        }
        if facts.instances < 16 {
            findings.append(
                Finding(
                    id: "watches.programs", severity: .warning,
                    title: "Only \(facts.instances) programs may watch folders",
                    explanation: "Others may take all of them, and Duplex then notices changes late.",
                    remedy: "sudo sysctl fs.inotify.max_user_instances=128",
                    evidence: ["fs.inotify.max_user_instances is \(facts.instances)"]))
        }
        guard findings.isEmpty else { return findings }
        return [
            Finding(
                id: "watches.folders", severity: .ok, title: "\(facts.watches) folders may be watched for changes",
                evidence: facts.needed.map { ["\($0) are shared"] } ?? [])
        ]
    }
}
