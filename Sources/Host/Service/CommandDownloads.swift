import Synchronization

/// What commands of this user fetch from web servers by themselves (`duplex get http://…`). They tell how far they are, so
/// that all that this computer asks for is seen in one place.
final class CommandDownloads: Sendable {
    private struct Download {
        var downloaded: Int64
        var heard = ContinuousClock.now
        var goesOn = true
    }

    private static let capacity = 256
    /// A command that says nothing for so long was killed, or is suspended.
    private static let patience = Duration.seconds(10)

    private let servers = WebTraffic()
    private let downloads = Mutex<[String: Download]>([:])

    /// - Throws: `FetchError` for what no command of ours says.
    func take(_ report: DownloadReport) throws {
        guard (1...64).contains(report.id.utf8.count), (1...300).contains(report.server.utf8.count) else {
            throw FetchError(.invalid, "a download has an identity of 1 to 64 bytes and a server of 1 to 300")
        }
        let more: Int64? = downloads.withLock { downloads in
            forgetSilent(&downloads)
            if downloads[report.id] == nil, downloads.count >= Self.capacity {
                guard let silent = downloads.first(where: { !$0.value.goesOn }) else { return nil }
                downloads[silent.key] = nil
            }
            let before = downloads[report.id]
            if before?.goesOn != true { servers.begin() }
            let (known, now) = (before?.downloaded ?? 0, max(before?.downloaded ?? 0, report.downloaded))
            downloads[report.id] = report.isOver ? nil : Download(downloaded: now)
            if report.isOver { servers.end() }
            return now - known
        }
        guard let more else { throw FetchError(.invalid, "there are \(Self.capacity) downloads already") }
        servers.count(more, .received, with: report.server)
    }

    func model() -> WebTrafficModel {
        downloads.withLock { forgetSilent(&$0) }
        return servers.model()
    }

    /// What they have fetched is remembered: one that was only suspended goes on.
    private func forgetSilent(_ downloads: inout [String: Download]) {
        let oldest = ContinuousClock.now - Self.patience
        for (id, download) in downloads where download.goesOn && download.heard < oldest {
            downloads[id]?.goesOn = false
            servers.end()
        }
    }
}

/// How far a command is with what it fetches from a web server by itself.
public struct DownloadReport: Codable, Sendable, Equatable {
    /// Tells one download from others; chosen by the command.
    public var id: String
    /// `HOST` or `HOST:PORT`.
    public var server: String
    /// Bytes that have come over the network since it began.
    public var downloaded: Int64
    /// Nothing more comes.
    public var isOver: Bool

    public init(id: String, server: String, downloaded: Int64, isOver: Bool) {
        self.id = id
        self.server = server
        self.downloaded = downloaded
        self.isOver = isOver
    }
}
