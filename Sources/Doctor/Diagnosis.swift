/// Looks for what keeps discovery, transfers or mail from working on this computer.
///
/// Nothing is changed. Each check looks on a thread of its own for two seconds at most, all at the same time. One that
/// fails or is not permitted says so in a finding (`….unseen`).
public enum Diagnosis {
    /// All findings, the good ones included, in a fixed order of subjects.
    public static func examine(_ input: DoctorInput) async -> [Finding] {
        await examine(input, system: SystemAccess())
    }

    static func examine(_ input: DoctorInput, system: SystemAccess) async -> [Finding] {
        await CheckRunner.run(checks(input, system: system), patience: .seconds(2))
    }

    static func checks(_ input: DoctorInput, system: SystemAccess) -> [any HealthCheck] {
        var checks: [any HealthCheck] = [
            NetworkCheck(system: system),
            MulticastCheck(input: input, system: system),
        ]
        #if os(Linux)
            checks +=
                [
                    FirewallCheck(listenPort: input.listenPort, system: system),
                    PortCheck(input: input, system: system),
                    IsolationCheck(input: input, system: system),
                    RouteCheck(system: system),
                    IPv6Check(system: system),
                ] as [any HealthCheck]
        #else
            checks.append(UnsupportedCheck())
        #endif
        checks +=
            [
                NameCheck(unknown: input.hostFacts?.unknownNames ?? []),
                ClockCheck(readings: input.hostFacts?.clocks ?? []),
                DiskCheck(input: input, system: system),
                DescriptorCheck(input: input),
            ] as [any HealthCheck]
        #if os(Linux)
            checks.append(WatchCheck(input: input, system: system))
        #endif
        return checks
    }
}

#if !os(Linux)
    /// Says what is only looked at on Linux.
    struct UnsupportedCheck: HealthCheck {
        let id = "system"
        let subject = "the firewall, the port, access points, routes, IPv6 and file watching"

        func findings() throws -> [Finding] {
            throw LookFailure("that is only known for Linux")
        }
    }
#endif
