import Crypto
import Storage
import WebWire

/// SHA-256 and the checksum of ZIP over whole files: computed once, when somebody first asks, both in one reading.
actor FileDigests {
    struct Digests: Sendable, Equatable {
        let sha256: [UInt8]
        let crc32: UInt32
    }

    private static let maximumKnown = 100_000
    private static let maximumWaiting = 64
    private static let stepLength: Int64 = 1 << 20

    private let pool: DiskPool
    private var known: [FileKey: Digests] = [:]
    private var running: [FileKey: Task<Digests?, Never>] = [:]
    /// The one that began last: files are read one after another.
    private var last: Task<Digests?, Never>?

    init(pool: DiskPool) {
        self.pool = pool
    }

    /// What is known already; begins to find out what is not.
    func peek(_ file: WebFile) -> Digests? {
        if let digests = known[file.key] { return digests }
        if running.count < Self.maximumWaiting { _ = begin(file, behind: last) }
        return nil
    }

    /// Waits for them; nil if the file has changed or cannot be read.
    func digests(of file: WebFile) async -> Digests? {
        if let digests = known[file.key] { return digests }
        // Somebody waits: not behind those for whom nobody does.
        return await (running[file.key] ?? begin(file, behind: nil)).value
    }

    /// Waits for them no longer than that; goes on finding them out when the time is over.
    func digests(of file: WebFile, within patience: Duration) async -> Digests? {
        if let digests = peek(file) { return digests }
        guard patience > .zero, let task = running[file.key] else { return nil }
        // Not a group: that would wait for the reading to end.
        let (results, continuation) = AsyncStream.makeStream(of: Digests?.self)
        let reading = Task { continuation.yield(await task.value) }
        let waiting = Task {
            try? await Task.sleep(for: patience)
            continuation.yield(nil)
        }
        defer {
            reading.cancel()
            waiting.cancel()
        }
        for await result in results { return result }
        return nil
    }

    private func begin(_ file: WebFile, behind earlier: Task<Digests?, Never>?) -> Task<Digests?, Never> {
        if let task = running[file.key] { return task }
        let task = Task { [pool] in
            _ = await earlier?.value
            let digests = await Self.compute(file, pool)
            self.finished(file.key, digests)
            return digests
        }
        running[file.key] = task
        if earlier != nil || last == nil { last = task }
        return task
    }

    private func finished(_ key: FileKey, _ digests: Digests?) {
        running[key] = nil
        if known.count >= Self.maximumKnown { known.removeAll() }
        known[key] = digests
    }

    private static func compute(_ file: WebFile, _ pool: DiskPool) async -> Digests? {
        guard let opened = await pool.spread({ try? file.open() }) else { return nil }
        var sums = Sums()
        var position: Int64 = 0
        while position < file.length, !Task.isCancelled {
            let range = position..<min(position + stepLength, file.length)
            let before = sums
            guard let after = await pool.spread({ before.adding(opened, range) }) else { return nil }
            sums = after
            position = range.upperBound
        }
        return position == file.length ? Digests(sha256: Array(sums.sha256.finalize()), crc32: sums.crc32.value) : nil
    }

    private struct Sums: Sendable {
        var sha256 = SHA256()
        var crc32 = CRC32()

        /// Nil when the file changes meanwhile. Blocks.
        func adding(_ file: SharedFile, _ range: Range<Int64>) -> Sums? {
            guard let bytes = try? file.read(range) else { return nil }
            var sums = self
            sums.sha256.update(data: bytes)
            sums.crc32.update(bytes)
            return sums
        }
    }
}
