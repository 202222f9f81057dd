import Synchronization
import Testing

@testable import Storage

struct ParallelWaitsTests {
    @Test(arguments: [0, 1, 3, 4, 5, 1000])
    func eachIsDoneOnce(count: Int) throws {
        let done = Mutex<[Int]>([])
        try ParallelWaits.forEach(Array(0..<count)) { item in done.withLock { $0.append(item) } }
        #expect(done.withLock { $0.sorted() } == Array(0..<count))
    }

    @Test(arguments: [1, 1000])
    func oneThatFailsIsSaid(count: Int) {
        #expect(throws: StorageError(kind: .diskFull, path: "here")) {
            try ParallelWaits.forEach(Array(0..<count)) { item throws(StorageError) in
                if item == count / 2 { throw StorageError(kind: .diskFull, path: "here") }
            }
        }
    }
}
