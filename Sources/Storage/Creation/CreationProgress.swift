import Synchronization

/// Counts hashed bytes for whoever shows the progress.
final class CreationProgress: Sendable {
    /// Bytes between two reports of a worker.
    static let step = 4 << 20

    private let total: Int64
    private let done = Mutex<Int64>(0)
    private let report: @Sendable (_ done: Int64, _ total: Int64) -> Void

    init(total: Int64, report: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void) {
        self.total = total
        self.report = report
    }

    /// Reports one after another, so that the count never goes back.
    func advance(by bytes: Int) {
        done.withLock { done in
            done += Int64(bytes)
            report(done, total)
        }
    }
}
