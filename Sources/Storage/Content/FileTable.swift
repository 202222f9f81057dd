import Synchronization

/// Keeps a bounded number of files and folders open, for one store or for all stores of a host.
///
/// The least recently used are closed first. A file in use is never closed under its user: the table only gives up its
/// reference, the descriptor closes with the last one.
public final class FileTable: Sendable {
    struct Key: Hashable, Sendable {
        let store: UInt64
        let item: Item
    }

    enum Item: Hashable, Sendable {
        case file(Int)
        case folder(String)
        case spill
    }

    private struct Entry {
        let file: OpenFile
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())
    private static let storeCount = Atomic<UInt64>(0)

    /// - Parameter limit: how many descriptors to keep open when nobody is using them, at least 4.
    public init(limit: Int = 128) {
        self.limit = max(4, limit)
    }

    /// How many descriptors are kept open now.
    public var count: Int { state.withLock { $0.entries.count } }

    /// A name for a store, unlike every other's in this process.
    static func makeStoreNumber() -> UInt64 {
        storeCount.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func file(_ key: Key, writable: Bool) -> OpenFile? {
        state.withLock { state in
            guard let entry = state.entries[key], entry.file.isWritable || !writable else { return nil }
            state.clock += 1
            state.entries[key]?.lastUse = state.clock
            return entry.file
        }
    }

    func insert(_ file: OpenFile, _ key: Key) {
        // What is given up leaves the lock first: closing can take as long as the file system likes.
        let givenUp = state.withLock { state in
            state.clock += 1
            var givenUp: [OpenFile] = []
            // Two workers may have opened the same file at once; the one that can write serves both.
            if let old = state.entries[key] {
                if old.file.isWritable && !file.isWritable { return [file] }
                givenUp.append(old.file)
            }
            state.entries[key] = Entry(file: file, lastUse: state.clock)
            while state.entries.count > limit { givenUp.append(contentsOf: Self.removeOldest(&state)) }
            return givenUp
        }
        withExtendedLifetime(givenUp) {}
    }

    /// Gives up half of the descriptors, after the system refused to open another one.
    func shrink() {
        let givenUp = state.withLock { state in
            var givenUp: [OpenFile] = []
            for _ in 0..<(state.entries.count + 1) / 2 { givenUp.append(contentsOf: Self.removeOldest(&state)) }
            return givenUp
        }
        withExtendedLifetime(givenUp) {}
    }

    /// What a store has open now.
    func opened(store: UInt64) -> [(key: Key, file: OpenFile)] {
        state.withLock { state in
            state.entries.compactMap { $0.key.store == store ? ($0.key, $0.value.file) : nil }
        }
    }

    /// Gives one up, unless another has taken its place meanwhile.
    func remove(_ key: Key, _ file: OpenFile) {
        let givenUp = state.withLock { state in
            state.entries[key]?.file === file ? state.entries.removeValue(forKey: key) : nil
        }
        withExtendedLifetime(givenUp) {}
    }

    func removeAll(store: UInt64) {
        let givenUp = state.withLock { state in
            let own = state.entries.keys.filter { $0.store == store }
            return own.compactMap { state.entries.removeValue(forKey: $0)?.file }
        }
        withExtendedLifetime(givenUp) {}
    }

    private static func removeOldest(_ state: inout State) -> [OpenFile] {
        guard let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return [] }
        state.entries[oldest.key] = nil
        return [oldest.value.file]
    }
}
