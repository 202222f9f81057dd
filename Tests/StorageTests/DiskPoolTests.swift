import Dispatch
import Storage
import Synchronization
import Testing

@Suite struct DiskPoolTests {
    @Test func jobsOfOneAffinityRunInOrder() async {
        let pool = DiskPool(workers: 3)
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { done in
            for number in 0..<1000 {
                pool.submit(affinity: 7) {
                    seen.withLock { $0.append(number) }
                    if number == 999 { done.resume() }
                }
            }
        }
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test func anyAffinityIsAccepted() async {
        let pool = DiskPool(workers: 2)
        for affinity in [Int.min, -1, 0, 1, Int.max] {
            #expect((0..<2).contains(pool.worker(of: affinity)))
            await withCheckedContinuation { done in
                pool.submit(affinity: affinity) { done.resume() }
            }
        }
    }

    @Test func workersRunAtTheSameTime() async {
        let pool = DiskPool(workers: 2)
        // Each job waits for the other: on one thread this would never end.
        let first = DispatchSemaphore(value: 0)
        let second = DispatchSemaphore(value: 0)
        await withCheckedContinuation { done in
            pool.submit(affinity: 0) {
                first.signal()
                second.wait()
                done.resume()
            }
            pool.submit(affinity: 1) {
                first.wait()
                second.signal()
            }
        }
    }

    @Test func defaultNumberOfWorkersIsSmall() {
        #expect((2...4).contains(DiskPool().workerCount))
        #expect(DiskPool(workers: 0).workerCount == 1)
    }
}
