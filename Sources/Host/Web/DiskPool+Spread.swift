import Storage

extension DiskPool {
    /// Runs blocking work on any worker: what readers ask for belongs to no torrent, and none should wait for another's.
    func spread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            submit(affinity: Int.random(in: 0..<workerCount)) { continuation.resume(returning: work()) }
        }
    }
}
