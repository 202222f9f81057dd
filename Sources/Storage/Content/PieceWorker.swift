import Synchronization

/// The pieces that one worker of the pool is putting together for one store.
///
/// All jobs for a piece run on the same serial queue, so nobody ever waits for this lock; it is there so that the
/// compiler can check what the queue promises.
final class PieceWorker: Sendable {
    struct State {
        var assemblies: [Int: PieceAssembly] = [:]
    }

    let state = Mutex(State())
}
