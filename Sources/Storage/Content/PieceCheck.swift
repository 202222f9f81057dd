import Crypto
import Metainfo
import Synchronization

/// One run over content that is already on disk, on all workers at once. Each takes some pieces, checks them, and lets
/// other jobs of its queue have their turn before it takes the next.
final class PieceCheck: Sendable {
    private let store: ContentStore
    private let pieces: [PieceIndex]
    private let progress: @Sendable (Int64) -> Void
    private let state: Mutex<State>

    private struct State {
        var next = 0
        var good: [PieceIndex] = []
        var checked: Int64 = 0
        var running: Int
        var isCancelled = false
        var failure: StorageError?
        var continuation: CheckedContinuation<Void, Never>?
    }

    init(store: ContentStore, pieces: [PieceIndex], progress: @escaping @Sendable (Int64) -> Void) {
        self.store = store
        self.pieces = pieces
        self.progress = progress
        state = Mutex(State(running: store.pool.workerCount))
    }

    func run() async throws -> [PieceIndex] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.continuation = continuation }
                for worker in 0..<store.pool.workerCount { submit(worker) }
            }
        } onCancel: {
            state.withLock { $0.isCancelled = true }
        }
        try Task.checkCancellation()
        let (good, failure) = state.withLock { ($0.good, $0.failure) }
        if let failure { throw failure }
        return good.sorted()
    }

    private func submit(_ worker: Int) {
        store.pool.submit(affinity: worker) { self.work(worker) }
    }

    /// Enough for a while without asking for more, little enough to be interrupted.
    private static let bytesAtOnce = 4 << 20

    private func work(_ worker: Int) {
        let count = max(1, Self.bytesAtOnce / max(1, store.info.pieceLength))
        let part: ArraySlice<PieceIndex> = state.withLock { state in
            guard !state.isCancelled, state.failure == nil else { return [] }
            let part = pieces[state.next..<min(pieces.count, state.next + count)]
            state.next = part.endIndex
            return part
        }
        guard !part.isEmpty else { return end() }
        do throws(StorageError) {
            let good = try store.goodPieces(part)
            let size = part.reduce(Int64(0)) { $0 + Int64(store.info.layout.dataSize($1)) }
            let checked = state.withLock { state in
                state.good.append(contentsOf: good)
                state.checked += size
                return state.checked
            }
            progress(checked)
        } catch {
            state.withLock { $0.failure = error }
        }
        submit(worker)
    }

    private func end() {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running -= 1
            guard state.running == 0 else { return nil }
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }
}
