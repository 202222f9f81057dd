import Testing

@testable import Host
@testable import duplex

@Suite struct StatusTextTests {
    private static let totals = RoleTotals(rate: 5_000_000, bytes: 1 << 20, transfers: 1, partners: 1)
    private static let idle = RoleTotals(rate: 0, bytes: 0, transfers: 0, partners: 0)

    private static func transfer(_ phase: TransferModel.Phase, message: String? = nil) -> TransferModel {
        TransferModel(
            id: "7", kind: .fetch, name: "a\u{1B}[2J", phase: phase, message: message, done: 1, total: 2, down: 1000,
            up: 0, downloaded: 1 << 20, uploaded: 0, peers: 1, webSeeds: 0, clients: 0, partners: [], directory: "/to",
            host: "h",
            share: "s", follow: phase == .complete, version: 3)
    }

    private static func status(_ transfers: [TransferModel], isTruncated: Bool = false) -> StatusModel {
        var status = StatusModel(
            name: "anna\u{7}", key: "00", version: "1", listen: ["127.0.0.1:1"], roles: [.client, .server],
            uptime: 7800,
            asClient: totals, asServer: idle, shares: 1, hosts: 2, transfers: transfers, truncated: isTruncated,
            troubles: ["t\u{1B}"])
        status.figures = FigureModel.all(Metric.Measured(status: status))
        return status
    }

    @Test func bothRolesAreTold() {
        let lines = StatusText.lines(Self.status([]))
        #expect(lines[0].hasPrefix("anna\\u{7}, "))
        #expect(lines[0].hasSuffix("at 127.0.0.1:1"))
        #expect(lines[1] == "  as a client: 4.77 MiB/s now, 1.00 MiB fetched, 1 host at the other end")
        #expect(lines[2] == "  as a server: 0 B/s now, 0 B sent")
        #expect(lines[3] == "  1 share, 2 other hosts found, up for 2 h 10 min")
        #expect(lines[4] == "  ! t\\u{1B}")
        #expect(lines.count == 5)
    }

    @Test func everyPhaseHasItsWordsAndNothingDrivesTheTerminal() {
        let lines = StatusText.lines(
            Self.status(
                [
                    Self.transfer(.metadata), Self.transfer(.checking), Self.transfer(.fetching),
                    Self.transfer(.complete), Self.transfer(.starting), Self.transfer(.starting, message: "m\u{7}"),
                    Self.transfer(.paused, message: "by\u{1B}"),
                ], isTruncated: true))
        for text in [
            "asking for the list of files", "checking", "50 % of 2 B", "version 3, followed", "starting",
            "waiting", "paused at 50 % of 2 B",
        ] {
            #expect(lines.contains { $0.hasPrefix("7  a\\u{1B}[2J  \(text)") }, "\(text)")
        }
        // What is said of one stands below it, with its folder, since there are several of that name.
        let folder = Self.transfer(.starting).directory.map { "in \($0): " } ?? ""
        #expect(lines.contains("     \(folder)m\\u{7}") && lines.contains("     \(folder)by\\u{1B}"))
        #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
        #expect(lines.last?.contains("2000 rows") == true)
    }

    @Test func visitorsOfThePagesHaveALineAndTheLatestARow() {
        var status = Self.status([Self.transfer(.fetching)])
        status.web = WebTrafficModel(
            up: 2000, down: 0, uploaded: 3 << 20, downloaded: 0, transfers: 1,
            partners: (0..<12).map {
                WebPartnerModel(address: "10.0.0.\($0)\u{7}", up: 1000, down: 0, uploaded: 1 << 20, downloaded: 0)
            })
        status.figures = FigureModel.all(Metric.Measured(status: status))
        var lines = StatusText.lines(status)
        #expect(lines[2].hasPrefix("  as a server: ") && lines[2].hasSuffix(" sent"))
        #expect(lines[3].hasPrefix("    of it by HTTP: "))
        #expect(lines[3].hasSuffix("/s now, 3.00 MiB sent, 0 B received, 12 visitors"))
        #expect(lines.count { $0.hasPrefix("http") } == 10)
        #expect(lines.contains { $0.hasPrefix("http  10.0.0.9\\u{7}  visitor ") })
        #expect(lines.last == "There are 2 more visitors; --json has them.")
        status.web.downloaded = 1 << 20
        status.figures = FigureModel.all(Metric.Measured(status: status))
        lines = StatusText.lines(status)
        #expect(lines[2].contains(" sent and received") && lines[3].contains("1.00 MiB received"))
    }

    @Test func theObjectHasBothRolesAndAllTransfers() {
        let text = StatusText.json(Self.status([Self.transfer(.fetching)])).text
        #expect(text.contains(#""client":{"rate":5000000,"bytes":1048576,"transfers":1,"partners":1}"#))
        #expect(text.contains(#""phase":"fetching""#) && text.contains(#""message":null"#))
        #expect(text.contains(#""truncated":false"#) && !text.contains("\n"))
    }
}

@Suite struct DoneTextTests {
    private let done = TransferDone(
        id: "1", path: "/to/S\u{1B}", bytes: 2_000_000, seconds: 2, downloaded: 2_000_100, version: 2,
        kept: [KeptFile(path: "/to/a\u{7}", keptAs: "/to/a (yours)")])
    /// Nothing is written to it.
    private let plain = Terminal(stream: OutputStream(descriptor: -1))

    @Test func theFirstTimeSizeAndTimeAreTold() {
        let lines = DoneText.lines(done, isFirst: true, terminal: plain)
        #expect(lines[0].hasPrefix("/to/S\\u{1B}: 1.91 MiB in 2.00 s (977 KiB/s)"))
        #expect(lines[1] == "  you had changed /to/a\\u{7}; yours is kept as /to/a (yours)")
        var here = done
        (here.downloaded, here.kept) = (0, [])
        #expect(
            DoneText.lines(here, isFirst: true, terminal: plain)
                == ["/to/S\\u{1B}: 1.91 MiB, already here, unchanged since it was verified"])
        here.missing = 1 << 20
        #expect(
            DoneText.lines(here, isFirst: true, terminal: plain)
                == [
                    "/to/S\\u{1B}: 1.91 MiB, already here but for 1.00 MiB that were changed or deleted here since; that "
                        + "stays so until the next version"
                ])
        #expect(DoneText.json(here, isFollowed: false).text.contains(#""missing":1048576"#))
    }

    @Test func laterVersionsTellWhatWasFetched() {
        let lines = DoneText.lines(done, isFirst: false, terminal: plain)
        #expect(lines[0] == "/to/S\\u{1B}: version 2 is here, 1.91 MiB fetched")
        #expect(!lines.contains { $0.contains("removed") })
    }

    @Test func whatAVersionHasNoMoreIsTold() {
        let gone = (1...120).map { "old\u{7}\($0)" }
        let many = TransferDone(path: "/to/S", bytes: 1, seconds: 1, downloaded: 1, version: 3, removed: gone)
        #expect(many.removed.count == 100)
        let lines = DoneText.lines(many, isFirst: false, terminal: plain)
        #expect(lines[1].hasPrefix("  120 files removed that the share has no more: old\\u{7}1, old\\u{7}2, "))
        #expect(lines[1].hasSuffix("old\\u{7}5 and 115 more"))
        #expect(DoneText.json(many, isFollowed: true).text.contains(#""removedCount":120"#))
        let one = TransferDone(path: "/to/S", bytes: 1, seconds: 1, downloaded: 1, version: 3, removed: ["a"])
        #expect(
            DoneText.lines(one, isFirst: false, terminal: plain)[1]
                == "  1 file removed that the share has no more: a")
    }

    @Test func theObjectHasVersionsWhereThereWasAnEarlierOne() {
        var first = done
        first.kept = []
        let text = DoneText.json(first, isFollowed: false).text
        #expect(text.hasPrefix(#"{"event":"done","path":"/to/S"#) && !text.contains("kept"))
        #expect(DoneText.json(done, isFollowed: false).text.contains(#""kept":[{"path":"#))
        let followed = DoneText.json(done, isFollowed: true).text
        #expect(followed.contains(#""version":2,"downloaded":2000100,"missing":0,"kept":[{"path":"#))
    }
}
