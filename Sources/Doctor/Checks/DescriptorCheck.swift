#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many files and connections Duplex may have open: each partner and each file of a share takes one.
struct DescriptorCheck: HealthCheck {
    let id = "files"
    let subject = "how many files may be open"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        [Self.judge(try input.hostFacts?.descriptors ?? own(), isHost: input.hostFacts?.descriptors != nil)]
    }

    /// Of this process: what the user's next `duplex` would be allowed.
    private func own() throws(LookFailure) -> DescriptorFacts {
        var limit = rlimit()
        #if canImport(Glibc)
            let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            let result = getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        guard result == 0 else { throw LookFailure("the limit cannot be read: \(SystemError.text(errno))") }
        let open = (try? FileReading.names(system.proc + "/self/fd").count) ?? 0
        return DescriptorFacts(
            open: open, softLimit: Int(clamping: limit.rlim_cur), hardLimit: Int(clamping: limit.rlim_max))
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
