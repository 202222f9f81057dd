import Host

/// Tells the host of this computer, about once a second, how far a download is that is not the host's own.
actor HostReports {
    private static let period = Duration.milliseconds(900)

    private let control: HostControl
    private let server: String
    private let id: String
    private var due = ContinuousClock.now
    private var telling: Task<Void, Never>?

    init(_ control: HostControl, of download: WebDownload) {
        self.control = control
        server = download.server
        var random = SystemRandomNumberGenerator()
        id = String(random.next() as UInt64, radix: 16)
    }

    /// Does not wait until it is told.
    func tell(_ downloaded: Int64) {
        guard telling == nil, ContinuousClock.now >= due else { return }
        due = .now + Self.period
        telling = Task {
            await control.tell(report(downloaded, isOver: false))
            telling = nil
        }
    }

    func end(_ downloaded: Int64) async {
        await telling?.value
        await control.tell(report(downloaded, isOver: true))
    }

    private func report(_ downloaded: Int64, isOver: Bool) -> DownloadReport {
        DownloadReport(id: id, server: server, downloaded: downloaded, isOver: isOver)
    }
}
