import Metainfo
import NIOCore
import Storage
import Transport
import WebWire

/// One file fetched from a web server by itself: resumed where an earlier run ended, verified where the server says what
/// it hashes to, continued from other servers that it names (RFC 6249), and never put in the place of another file.
public actor WebDownload {
    public nonisolated let name: String
    /// The server, `HOST` or `HOST:PORT`.
    public nonisolated let server: String
    public nonisolated let events: AsyncStream<WebDownloadEvent>

    let asked: HTTPURL
    let client: WebClient
    let downloads: Downloads
    let pool: DiskPool
    /// The one that the user named, then those that have the same bytes.
    var sources: [HTTPURL]
    var source = 0
    /// Whether the next answer is that of the server that the user named: it alone says what the file is.
    var isOrigin: Bool { sources[source] == asked }
    /// What the first request brought; it is used up by the first look at it.
    var firstAnswer: WebAnswer?
    var part: PartFile?
    var claim: ClaimedDigest?
    var total: Int64?
    private let continuation: AsyncStream<WebDownloadEvent>.Continuation
    private var work: Task<Void, Never>?
    private let start = ContinuousClock.now
    private var checked: Int64?
    var done: Int64 = 0
    var downloaded: Int64 = 0
    /// How often what was here had to be given up.
    var restarts = 0
    private var rate = DownloadRate()

    init(
        asked: HTTPURL, client: WebClient, answer: WebAnswer, part: PartFile?, downloads: Downloads, pool: DiskPool
    ) {
        self.asked = asked
        self.client = client
        self.part = part
        self.downloads = downloads
        self.pool = pool
        sources = [asked]
        firstAnswer = answer
        server = asked.authority
        name =
            part?.record.name
            ?? DownloadName.choose(answer.fields.single("Content-Disposition"), asked: asked, answered: answer.url)
        (events, continuation) = AsyncStream.makeStream()
    }

    /// Begins; ``events`` tells the end.
    public func begin() {
        guard work == nil else { return }
        work = Task {
            do {
                let result = try await run()
                continuation.yield(.done(result))
            } catch is CancellationError {
            } catch {
                await savePart()
                continuation.yield(.failed(failure(error)))
            }
            continuation.finish()
        }
    }

    /// Ends it; what is here stays for the next run.
    public func stop() async {
        firstAnswer?.stream.close()
        work?.cancel()
        await work?.value
        await savePart()
        continuation.finish()
    }

    public var status: WebDownloadStatus {
        WebDownloadStatus(
            name: name, checked: checked, done: done, total: total ?? 0, rate: rate.current(total: downloaded),
            downloaded: downloaded)
    }

    // MARK: From begin to end

    private func run() async throws -> WebDownloadResult {
        if let here = try await whatIsHere() { return here }
        if let part {
            checked = 0
            let report: @Sendable (Int64) -> Void = { self.progress($0) }
            try await pool.value { Result { () throws(StorageError) in try part.takeUp(progress: report) } }.get()
            done = part.length
            checked = nil
        }
        while true {
            try await receiveAll()
            guard let part else { throw CancellationError() }
            let verdict = try await verify(part)
            if verdict == .wrong, sources.count > 1 {
                // Begun anew with another server; this one is not asked again.
                notice("\(sources[source].authority) sent wrong bytes, it is not asked again")
                dropSource()
                try await startOver(part)
                restarts = 0
                continue
            }
            return try await end(part, verdict)
        }
    }

    /// The server that was asked last is of no use; there is another one.
    func dropSource() {
        sources.remove(at: source)
        source %= sources.count
    }

    private nonisolated func progress(_ bytes: Int64) {
        Task { await self.setChecked(bytes) }
    }

    /// The last of these may come when all was read.
    private func setChecked(_ bytes: Int64) {
        if checked != nil { checked = bytes }
    }

    private func end(_ part: PartFile, _ verdict: Verdict) async throws -> WebDownloadResult {
        let pool = pool
        guard verdict != .wrong else {
            await pool.value { part.discard() }
            self.part = nil
            throw WebDownloadFailure(
                "cannot keep \(name), its bytes differ from the \(claim?.algorithm.title ?? "digest") that \(server) "
                    + "gives for it, try again, and tell whoever runs that server if it stays so")
        }
        try await pool.value { Result { () throws(StorageError) in try part.finish() } }.get()
        self.part = nil
        let elapsed = ContinuousClock.now - start
        return WebDownloadResult(
            path: part.path, bytes: part.length, seconds: elapsed / .seconds(1), downloaded: downloaded,
            verifiedBy: verdict == .right ? claim?.algorithm.title : nil)
    }

    func notice(_ text: String) { continuation.yield(.notice(text)) }

    private func savePart() async {
        guard let part else { return }
        await pool.value {
            if part.length == 0 { part.discard() } else { try? part.checkpoint() }
        }
    }

    private func failure(_ error: any Error) -> WebDownloadFailure {
        if let error = error as? WebDownloadFailure { return error }
        if let error = error as? StorageError { return WebDownloadFailure(error.description) }
        let why = (error as? WebTrouble).map { "\($0)" } ?? ConnectionTrouble.text(error)
        let rest = done > 0 && part != nil ? "the same command goes on from where it stopped" : "try again later"
        return WebDownloadFailure("cannot fetch \(name) from \(server), \(why), \(rest)")
    }
}

/// What happens to a download.
public enum WebDownloadEvent: Sendable {
    case notice(String)
    case done(WebDownloadResult)
    case failed(WebDownloadFailure)
}

public struct WebDownloadResult: Sendable, Equatable {
    public var path: String
    public var bytes: Int64
    public var seconds: Double
    /// Bytes that came over the network in this run.
    public var downloaded: Int64
    /// Such as `SHA-256`; nil if the server did not say what the file hashes to.
    public var verifiedBy: String?
}

/// A download at one moment.
public struct WebDownloadStatus: Sendable, Equatable {
    public var name: String
    /// Bytes read so far of what an earlier run left, while that is read; nil afterwards.
    public var checked: Int64?
    public var done: Int64
    /// 0 while unknown.
    public var total: Int64
    /// Bytes a second.
    public var rate: Int64
    public var downloaded: Int64
}

/// A download cannot begin or go on: what, why, and what to do.
public struct WebDownloadFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Bytes a second over the last few looks.
struct DownloadRate {
    private var looks: [(time: ContinuousClock.Instant, bytes: Int64)] = []

    mutating func current(total: Int64) -> Int64 {
        let now = ContinuousClock.now
        looks.append((now, total))
        while looks.count > 2, now - looks[0].time > .seconds(3) { looks.removeFirst() }
        let time = (now - looks[0].time) / .seconds(1)
        return time > 0.1 ? Int64(Double(total - looks[0].bytes) / time) : 0
    }
}

extension ClaimedDigest.Algorithm {
    var title: String { self == .sha256 ? "SHA-256" : "SHA-512" }
}
