#if os(Linux)
    import CTimex
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether the clock is right: a group's certificates are valid from one moment to another.
struct ClockCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        /// Seconds since 1970.
        var now: Int64
        /// The system compares its clock with others'; nil if not known.
        var isSynchronised: Bool?
        var readings: [ClockReading]
    }

    /// Certificates are made valid from some minutes before.
    static let tolerance = 120.0
    /// 2024-01-01: no Duplex is older.
    static let earliest: Int64 = 1_704_067_200

    let id = "clock"
    let subject = "the clock"
    let readings: [ClockReading]

    func findings() throws -> [Finding] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Self.judge(
            Facts(now: Int64(now.tv_sec), isSynchronised: Self.isSynchronised(), readings: readings))
    }

    private static func isSynchronised() -> Bool? {
        #if os(Linux)
            var state = timex()
            let result = adjtimex(&state)
            // TIME_ERROR is the kernel's word for a clock that nobody sets.
            return result < 0 ? nil : result != TIME_ERROR && state.status & STA_UNSYNC == 0
        #else
            return nil
        #endif
    }

    static func judge(_ facts: Facts) -> [Finding] {
        let setting =
            "set the clock: sudo timedatectl set-ntp true (with a connection to the internet), or sudo date -s "
            + "'YYYY-MM-DD HH:MM'"
        guard facts.now >= earliest else {
            return [
                Finding(
                    id: "clock.wrong", severity: .problem, title: "The clock is years behind",
                    explanation: "Certificates of groups and of mail count as not yet valid, so others are refused.",
                    remedy: setting, evidence: ["the clock says \(facts.now) seconds since 1970"])
            ]
        }
        let readings = facts.readings.filter { $0.secondsAhead.isFinite }
        let off = readings.filter { abs($0.secondsAhead) > tolerance }
        if !off.isEmpty {
            // One other clock may itself be wrong; most of several are not.
            let isOwn = off.count >= 2 && off.count * 2 > readings.count
            return [
                Finding(
                    id: "clock.differs", severity: .warning,
                    title: isOwn ? "The clock of this computer is off" : "Clocks of this computer and others differ",
                    explanation: "Beyond some minutes, certificates of groups count as not yet valid or as expired, so "
                        + "members refuse each other."
                        + (isOwn ? "" : " Which of the clocks is wrong is not known."),
                    remedy: isOwn ? setting : "compare the clocks with a watch; where one is wrong, \(setting)",
                    evidence: off.prefix(8).map { "\($0.host) is \(distance($0.secondsAhead))" })
            ]
        }
        if facts.isSynchronised == false {
            return [
                Finding(
                    id: "clock.unset", severity: .note, title: "Nothing keeps the clock right",
                    explanation: "Nothing has to be done as long as it is about right; it may drift.",
                    remedy: "sudo timedatectl set-ntp true",
                    evidence: ["the system says that the clock is not synchronised"])
            ]
        }
        return [
            Finding(
                id: "clock.right", severity: .ok, title: "The clock looks right",
                evidence: readings.isEmpty ? [] : ["\(readings.count) other hosts agree"])
        ]
    }

    private static func distance(_ seconds: Double) -> String {
        let whole = Int64(min(abs(seconds), 1e15).rounded())
        let amount =
            whole < 7200 ? "\(whole / 60) minutes" : whole < 172_800 ? "\(whole / 3600) hours" : "\(whole / 86400) days"
        return amount + (seconds > 0 ? " ahead" : " behind")
    }
}
