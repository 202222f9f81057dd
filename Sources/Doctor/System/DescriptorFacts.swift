#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many files and connections a process has open, and how many it may have.
public struct DescriptorFacts: Sendable, Equatable {
    public var open: Int
    public var softLimit: Int
    public var hardLimit: Int

    public init(open: Int, softLimit: Int, hardLimit: Int) {
        self.open = open
        self.softLimit = softLimit
        self.hardLimit = hardLimit
    }

    /// Of this very process; nil if the system does not say.
    public static func ofThisProcess() -> DescriptorFacts? {
        var limit = rlimit()
        #if canImport(Glibc)
            let result = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let folder = "/proc/self/fd"
        #else
            let result = getrlimit(RLIMIT_NOFILE, &limit)
            let folder = "/dev/fd"
        #endif
        guard result == 0 else { return nil }
        return DescriptorFacts(
            open: (try? FileReading.names(folder).count) ?? 0, softLimit: Int(clamping: limit.rlim_cur),
            hardLimit: Int(clamping: limit.rlim_max))
    }
}
