#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How busy this computer is.
enum SystemLoad {
    /// Running and waiting tasks of the last minute for each processor, at most 1; nil if the system does not say.
    static var current: Double? {
        var averages = [0.0]
        guard getloadavg(&averages, 1) == 1 else { return nil }
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return (min(averages[0] / Double(processors), 1) * 100).rounded() / 100
    }
}

/// What time this computer says it is.
enum SystemClock {
    /// Seconds since 1970.
    static var secondsNow: Int64 { Int64(time(nil)) }
}
