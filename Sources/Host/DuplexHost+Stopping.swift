import NIOCore
import Storage
import Synchronization

extension DuplexHost {
    /// Closes all connections and saves what later runs need to go on. Whoever calls it again waits for the same end.
    public func stop() async {
        let stopping = life.withLock { life in
            if let stopping = life.stopping { return stopping }
            let stopping = Task { await shutDown() }
            life.stopping = stopping
            return stopping
        }
        await stopping.value
    }

    private func shutDown() async {
        try? await server.close().get()
        try? await run { $0.stop() }
        // What looks at files would otherwise report to a loop that is gone, and keep its folder locked.
        let preparing = life.withLock { Array($0.preparing.values) }
        for task in preparing { task.cancel() }
        for task in preparing { await task.value }
        // Blocks that are on their way to disk still count: the same workers and the same loop, in order.
        await settle()
        let savings = try? await run { core in core.transfers.values.compactMap { $0.saving(isClean: true) } }
        for save in savings ?? [] { await pool.value(save) }
        try? await run { $0.releaseTransfers() }
        await settle()
        try? await group.shutdownGracefully()
    }

    /// Waits until the workers have done what was handed to them, and the loop what they reported; twice, since a
    /// report can lead to more work.
    func settle() async {
        for _ in 0..<2 {
            for worker in 0..<pool.workerCount { await pool.drain(worker) }
            await checkpoints.drain(0)
            try? await run { _ in }
        }
    }
}

extension DiskPool {
    /// Waits until a worker has done everything that was handed to it before.
    fileprivate func drain(_ worker: Int) async {
        await withCheckedContinuation { continuation in
            submit(affinity: worker) { continuation.resume() }
        }
    }
}
