import Metainfo
import Synchronization

/// Hashes of all pieces of a ``HashPlan``, in order.
struct PieceHashes: Sendable, Equatable {
    /// 20 bytes a piece; empty for v2.
    var digestsV1: [UInt8]
    /// Empty for v1. For a file of at most one piece this is its root (BEP 52).
    var hashes: [MerkleHash]

    init(plan: HashPlan) {
        digestsV1 = [UInt8](repeating: 0, count: plan.format == .v2 ? 0 : plan.pieceCount * 20)
        hashes = [MerkleHash](repeating: .zero, count: plan.format == .v1 ? 0 : plan.pieceCount)
    }

    mutating func store(_ hasher: PieceHasher, at firstPiece: Int) {
        for (offset, hash) in hasher.hashes.enumerated() { hashes[firstPiece + offset] = hash }
        for (offset, byte) in hasher.digestsV1.enumerated() { digestsV1[firstPiece * 20 + offset] = byte }
    }
}

/// One run through a ``HashPlan`` on all workers of a ``DiskPool``.
///
/// Each worker takes the next unit when it is done with one, and goes to the end of its queue in between, so that other
/// torrents' reads and writes are not held up. Memory: one small buffer a worker, and the hashes.
final class HashRun: Sendable {
    private struct State {
        var nextUnit = 0
        var lanes = 0
        var results: PieceHashes
        var failure: CreationError?
        var continuation: CheckedContinuation<Result<PieceHashes, CreationError>, Never>?
    }

    private let plan: HashPlan
    private let pool: DiskPool
    private let state: Mutex<State>
    private let isStopped = Atomic(false)
    private let progress: CreationProgress
    private let opening: ContentOpening

    /// - Parameter known: a result to start from, already holding the pieces that the plan skips.
    init(
        plan: HashPlan, known: PieceHashes, pool: DiskPool, progress: CreationProgress,
        opening: @escaping ContentOpening
    ) {
        self.plan = plan
        self.opening = opening
        self.pool = pool
        self.progress = progress
        state = Mutex(State(results: known))
    }

    /// Runs once. Cancelling the task stops it within a few milliseconds.
    func run() async -> Result<PieceHashes, CreationError> {
        let lanes = min(pool.workerCount, plan.units.count)
        guard lanes > 0 else { return .success(state.withLock { $0.results }) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    state.lanes = lanes
                    state.continuation = continuation
                }
                for lane in 0..<lanes {
                    let reader = UnitReader(plan: plan, opening: opening)
                    pool.submit(affinity: lane) { self.step(lane, reader) }
                }
            }
        } onCancel: {
            fail(.cancelled)
        }
    }

    private func step(_ lane: Int, _ reader: UnitReader) {
        guard let unit = nextUnit() else { return endLane() }
        do throws(CreationError) {
            var unreported = 0
            try reader.hash(unit) { count in
                unreported += count
                if unreported >= CreationProgress.step {
                    progress.advance(by: unreported)
                    unreported = 0
                }
                return !isStopped.load(ordering: .relaxed)
            }
            progress.advance(by: unreported)
            state.withLock { $0.results.store(reader.hasher, at: unit.firstPiece) }
        } catch {
            fail(error)
            return endLane()
        }
        pool.submit(affinity: lane) { self.step(lane, reader) }
    }

    private func nextUnit() -> HashPlan.Unit? {
        state.withLock { state in
            guard state.failure == nil, state.nextUnit < plan.units.count else { return nil }
            defer { state.nextUnit += 1 }
            return plan.units[state.nextUnit]
        }
    }

    private func fail(_ error: CreationError) {
        state.withLock { state in
            // The first failure is the cause; the other lanes only stop because of it.
            if state.failure == nil { state.failure = error }
        }
        isStopped.store(true, ordering: .relaxed)
    }

    private func endLane() {
        let ending = state.withLock {
            state -> (
                CheckedContinuation<Result<PieceHashes, CreationError>, Never>, Result<PieceHashes, CreationError>
            )? in
            state.lanes -= 1
            guard state.lanes == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.failure.map { .failure($0) } ?? .success(state.results))
        }
        if let (continuation, result) = ending { continuation.resume(returning: result) }
    }
}
