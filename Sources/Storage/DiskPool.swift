import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A few threads on which all file input, file output and hashing happens, so that an event loop never waits for a
/// disk.
///
/// Each worker is a serial queue. Jobs with the same affinity run one after another in the order they were submitted;
/// jobs with different affinities may run at the same time. One pool serves every torrent of a host.
public final class DiskPool: Sendable {
    private let queues: [DispatchQueue]

    /// The number of workers; affinities are taken modulo this.
    public var workerCount: Int { queues.count }

    /// - Parameter workers: how many threads at most; by default one for each processor, at least 2 and at most 4,
    ///   since more threads than that only wait for the same memory and the same disk.
    public init(workers: Int? = nil) {
        let count = max(1, workers ?? min(4, max(2, Self.processorCount)))
        queues = (0..<count).map { DispatchQueue(label: "duplex.disk.\($0)") }
    }

    /// Runs a job on the worker of an affinity, any number; returns at once.
    public func submit(affinity: Int, _ job: @escaping @Sendable () -> Void) {
        queues[worker(of: affinity)].async(execute: DispatchWorkItem(block: job))
    }

    /// The worker, from 0 to below ``workerCount``, that runs the jobs of an affinity.
    public func worker(of affinity: Int) -> Int {
        Int(UInt(bitPattern: affinity) % UInt(queues.count))
    }

    private static var processorCount: Int {
        Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }
}
