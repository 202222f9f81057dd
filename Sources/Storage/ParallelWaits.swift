import Dispatch
import Synchronization

/// Does many small things that each wait for the disk, several at a time: what waits together is saved together.
///
/// These threads are for waiting, and more than the processors; hashing is done by a ``DiskPool``.
enum ParallelWaits {
    private static let queues = (0..<16).map { DispatchQueue(label: "duplex.wait.\($0)") }

    /// Fewer than that are not worth waking threads for.
    private static let minimum = 4

    /// Returns when all are done, or when those that were begun are, after the first that failed.
    static func forEach<Item: Sendable>(
        _ items: [Item], _ job: @escaping @Sendable (Item) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard items.count >= minimum else {
            for item in items { try job(item) }
            return
        }
        let run = Run(items, job)
        let group = DispatchGroup()
        for queue in queues.prefix(items.count) { queue.async(group: group, execute: DispatchWorkItem { run.work() }) }
        group.wait()
        if let failure = run.failure { throw failure }
    }

    private final class Run<Item: Sendable>: Sendable {
        private let items: [Item]
        private let job: @Sendable (Item) throws(StorageError) -> Void
        private let state = Mutex<(next: Int, failure: StorageError?)>((0, nil))

        init(_ items: [Item], _ job: @escaping @Sendable (Item) throws(StorageError) -> Void) {
            self.items = items
            self.job = job
        }

        var failure: StorageError? { state.withLock { $0.failure } }

        func work() {
            while let item = takeNext() {
                do throws(StorageError) {
                    try job(item)
                } catch {
                    state.withLock { $0.failure = $0.failure ?? error }
                }
            }
        }

        private func takeNext() -> Item? {
            state.withLock { state in
                guard state.failure == nil, state.next < items.count else { return nil }
                state.next += 1
                return items[state.next - 1]
            }
        }
    }
}
