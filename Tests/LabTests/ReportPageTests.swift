import Foundation
import Testing

@testable import Lab

/// `DUPLEX_REPORT_OUT=FOLDER` keeps the pages of these tests there, to be looked at.
@Suite struct ReportPageTests {
    private static let size: Int64 = 134_217_728

    private func page(_ report: LabReport, keptAs name: String) throws -> String {
        if let folder = ProcessInfo.processInfo.environment["DUPLEX_REPORT_OUT"] {
            try report.write(to: folder + "/" + name)
        }
        let page = ReportPage(report).html
        #expect(ReportPage(report).html == page)
        try expectWellFormed(page)
        for outside in ["<script", "<link", "<iframe", "<img", "http:", "https:", "url(", "@import", " on"] {
            let found = outside == " on" ? page.firstMatch(of: /<[^>]* on[a-z]+=/) != nil : page.contains(outside)
            #expect(!found, "\(outside) in \(name)")
        }
        #expect(!page.contains("nan") && !page.contains("inf"))
        return page
    }

    @Test func sixteenReceivers() throws {
        let counts = [1, 2, 4, 8, 16]
        let report = LabReport(
            settings: ReportSamples.settings(counts),
            comparisons: counts.reversed().map { ReportSamples.comparison($0) })
        #expect(report.comparisons.map(\.receivers) == counts)
        let page = try page(report, keptAs: "sixteen")
        #expect(page.utf8.count < 400_000)
        // A small picture for each of 17 hosts, a row for each of 5 counts.
        #expect(page.components(separatedBy: "class=\"cell\"").count == 18)
        #expect(page.components(separatedBy: "<th scope=\"row\">").count == 6)
    }

    @Test func tenThousandReceivers() throws {
        let counts = [1, 10, 100, 10_000]
        let report = LabReport(
            settings: ReportSamples.settings(counts),
            comparisons: counts.map { ReportSamples.comparison($0, samples: 12) })
        let page = try page(report, keptAs: "many")
        #expect(page.utf8.count < 1_000_000)
        #expect(page.contains("10 h") && page.contains("1 min"))
        #expect(!page.contains("class=\"cell\""))
    }

    @Test func sourceThatLeaves() throws {
        var run = ReportSamples.clientServer(12, size: Self.size, samples: 40, departsAfter: 70)
        run.bound = .infinity
        let peer = ReportSamples.peerToPeer(12, size: Self.size, samples: 40, dedicated: true)
        let hosts = run.hosts.map { host in
            HostPlan(name: host.name, role: host.role, link: LinkPlan(up: 100_000_000, down: 100_000_000))
        }
        let scenario = LabScenario(
            name: "source-leaves", title: "The source leaves", explanation: "It goes & stays away.", size: Self.size,
            hosts: hosts)
        let report = LabReport(
            settings: ReportSamples.settings([12], title: "source-leaves"),
            comparisons: [Comparison(receivers: 12, clientServer: run, peerToPeer: peer)], scenario: scenario)
        let page = try page(report, keptAs: "leaves")
        #expect(
            page.contains("none ever got") && page.contains("never<br>0 of 12")
                && page.contains("never (0 of 12) · bound never"))
        #expect(page.contains("It goes &amp; stays away."))
        #expect(page.contains(">dedicated</th>"))
        #expect(report.headline.hasPrefix("With 12 receivers, peer-to-peer with a dedicated server took "))
        let matrices = [run, peer].map { ServingMatrix(RunFigures($0)) }
        #expect(matrices.map(\.rows.count) == [13, 14] && matrices.map(\.columns.count) == [12, 12])
    }

    @Test func gapsAndFortyHosts() throws {
        let unfinished = Comparison(
            receivers: 8, clientServer: ReportSamples.clientServer(8, size: Self.size, samples: 9, departsAfter: 60),
            peerToPeer: ReportSamples.peerToPeer(8, size: Self.size, samples: 9))
        let report = LabReport(
            settings: ReportSamples.settings([4, 8, 39]),
            comparisons: [ReportSamples.comparison(4), unfinished, ReportSamples.comparison(39)])
        let page = try page(report, keptAs: "forty")
        #expect(page.utf8.count < 1_000_000)
        #expect(page.contains("class=\"cross cs\"") && page.contains("A cross on the upper edge"))
        #expect(page.contains("client/server did not finish"))
    }

    @Test func nothingAtAll() throws {
        let empty = LabRun(model: .clientServer, size: 0, hosts: [], bound: .infinity)
        for comparisons in [[], [Comparison(receivers: 0, clientServer: empty, peerToPeer: empty)]] {
            _ = try page(LabReport(settings: ReportSamples.settings([]), comparisons: comparisons), keptAs: "nothing")
        }
        let two = [1, 2].map { Comparison(receivers: $0, clientServer: empty, peerToPeer: empty) }
        _ = try page(LabReport(settings: ReportSamples.settings([1, 2]), comparisons: two), keptAs: "nothing")
    }

    @Test func namesAreText() throws {
        var comparison = ReportSamples.comparison(2, samples: 3)
        comparison.peerToPeer.hosts[1].name = "<script>alert('1')</script>\u{202E}\u{0}"
        comparison.peerToPeer.hosts[2].program = "a<b"
        let report = LabReport(settings: ReportSamples.settings([2], title: "</title><b>"), comparisons: [comparison])
        let page = try page(report, keptAs: "names")
        #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\u{FFFD}\u{FFFD}"))
        #expect(page.contains("a&lt;b") && page.contains("&lt;/title&gt;&lt;b&gt;"))
    }

    /// Every element that is opened is closed in order, but those that have no end in HTML; ids are unique.
    private func expectWellFormed(_ page: String) throws {
        var open: [Substring] = []
        let withoutEnd: Set<Substring> = ["meta", "br", "!DOCTYPE"]
        for match in page.matches(of: /<(\/?)([A-Za-z!][A-Za-z0-9]*)([^<>]*)>/) {
            let (_, slash, name, rest) = match.output
            if !slash.isEmpty {
                try #require(open.popLast() == name, "</\(name)>")
            } else if !withoutEnd.contains(name), !rest.hasSuffix("/") {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
        let ids = page.matches(of: /\bid="([^"]*)"/).map(\.output.1)
        #expect(Set(ids).count == ids.count)
        for reference in page.matches(of: /aria-labelledby="([^"]*)"/).flatMap({ $0.output.1.split(separator: " ") }) {
            #expect(ids.contains(reference))
        }
    }
}
