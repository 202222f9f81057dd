import Testing

@testable import Lab

@Suite struct ReportTests {
    private static let size: Int64 = 134_217_728

    private func report(_ comparisons: [Comparison]) -> LabReport {
        LabReport(settings: ReportSamples.settings(comparisons.map(\.receivers)), comparisons: comparisons)
    }

    /// A run in which each receiver has everything after so many seconds, or never.
    private func run(_ model: DeliveryModel, _ times: [Double?], bound: Double = 1) -> LabRun {
        var source = HostRecord(name: "source", role: .source, finished: 0)
        for index in times.indices { source.servedTo[index + 1] = 100 }
        let receivers = times.map { HostRecord(name: "host", role: .receiver, finished: $0) }
        return LabRun(model: model, size: 100, hosts: [source] + receivers, bound: bound)
    }

    private func headline(_ client: [Double?], _ peer: [Double?]) -> String {
        report([
            Comparison(
                receivers: client.count, clientServer: run(.clientServer, client), peerToPeer: run(.peerToPeer, peer))
        ]).headline
    }

    @Test func headlineSaysWhoWasFasterAndByHowMuch() {
        #expect(
            headline([100, 171], [11.9, 11])
                == "With 2 receivers, peer-to-peer took 11.9 s where one server took 171 s: 14 times as fast.")
        #expect(
            headline([10], [15.5])
                == "With 1 receiver, one server took 10.0 s where peer-to-peer took 15.5 s: 1.6 times as fast.")
        #expect(
            headline([10], [10.2])
                == "With 1 receiver, it makes no difference: one server took 10.0 s, peer-to-peer 10.2 s.")
        #expect(report([]).headline == "Nothing was measured.")
    }

    @Test func headlineSaysWhatNeverCameToAnEnd() {
        #expect(
            headline([10, nil, nil], [5, 6, 7])
                == "With 3 receivers, peer-to-peer took 7.00 s; from one server, 2 of 3 never got the whole file.")
        #expect(
            headline([10, 20], [nil, nil])
                == "With 2 receivers, one server took 20.0 s; by peer-to-peer, none ever got the whole file.")
        #expect(
            headline([10, nil], [nil, nil])
                == "Neither came to an end: of 2 receivers, 1 got the whole file from one server, 0 by peer-to-peer.")
    }

    @Test func tellsFromWhomBytesCame() {
        let figures = RunFigures(ReportSamples.peerToPeer(16, size: Self.size, samples: 4, dedicated: true))
        #expect(abs(figures.fromSource + figures.fromReceivers + figures.fromDedicated - 1) < 1e-9)
        #expect(figures.fromDedicated > 0.2)
        #expect(figures.received[5] == Self.size)
        let nothing = RunFigures(LabRun(model: .peerToPeer, size: 0, hosts: [], bound: 0))
        #expect(nothing.fromSource == 0 && nothing.efficiency == nil && nothing.end == 0)
    }

    @Test func adviceIsComputed() {
        let verdict = Verdict(report([1, 16].map { ReportSamples.comparison($0, samples: 4) }))
        let words = verdict.advice.map(\.text).joined(separator: "\n")
        #expect(verdict.advice.count == 5)
        #expect(words.contains("measured here with one receiver"))
        #expect(words.contains("Gbit/s, 14 times the source’s"))
        // 16·F/(u + 16·u/10) and 16·F/(u + 16·u/2) with F/u = 11.28 s.
        #expect(words.contains("69.4 s for these 16: at most 2.6 times as fast as one server."))
        #expect(words.contains("the bound would be 20.1 s; if nothing, 180 s."))
        #expect(verdict.reasons.contains("Peer-to-peer is ahead from 16 receivers on.") == false)
        let three = Verdict(report([1, 2, 16].map { ReportSamples.comparison($0, samples: 4) }))
        #expect(three.reasons.contains("Peer-to-peer is ahead from 2 receivers on."))
    }

    @Test func adviceKnowsTheLinksOfAScenario() {
        let slow = LinkPlan(up: 10_000_000, down: 20_000_000)
        let hosts = (0...4).map { index in
            HostPlan(
                name: "h", role: index == 0 ? .source : .receiver,
                link: index == 0 ? LinkPlan(up: 100_000_000, down: 100_000_000) : slow)
        }
        let comparison = ReportSamples.comparison(4, samples: 4)
        var report = LabReport(settings: ReportSamples.settings([4]), comparisons: [comparison])
        report.scenario = LabScenario(name: "", title: "", explanation: "", size: Self.size, hosts: hosts)
        let links = PayloadLinks(report, comparison)
        #expect(links.sourceUp == ReportSamples.rate)
        #expect(abs(links.receiversUp - 0.4 * ReportSamples.rate) < 1)
        #expect(abs(links.slowestDown - 0.2 * ReportSamples.rate) < 1)
        // The slowest downlink, not the uplink, is what takes the time.
        #expect(abs(links.clientServer - 5 * links.oneCopy) < 0.01)
        #expect(!Verdict(report).reasons.joined().contains("Each further receiver"))
    }

    @Test func tableFitsTheTerminal() {
        let lines = LabTable.lines([1, 10, 10_000].map { ReportSamples.comparison($0, samples: 2) })
        #expect(lines.count == 5)
        #expect(Set(lines.map(\.count)).count == 1)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines[1].hasPrefix(" hosts"))
        #expect(lines[4].hasPrefix("10,000") && lines[4].contains("10,000  ") && lines[4].hasSuffix("99.9%"))
        #expect(LabTable.lines([]).isEmpty)

        let never = Comparison(
            receivers: 2, clientServer: run(.clientServer, [3, nil], bound: 2),
            peerToPeer: run(.peerToPeer, [nil, nil]))
        let words = LabTable.lines([never])[2].split(separator: " ").joined(separator: " ")
        #expect(words == "2 never 2.00 s never 1.00 s - - 2.0 0%")
    }

    @Test func numbersLookAlikeEverywhere() {
        #expect(Quantity.fixed(1.456, decimals: 2) == "1.46")
        #expect(Quantity.fixed(-0.04, decimals: 1) == "0.0")
        #expect(Quantity.fixed(-1.5, decimals: 1) == "-1.5")
        #expect(Quantity.fixed(.infinity, decimals: 1) == "–")
        #expect(Quantity.short(0.500, decimals: 3) == "0.5")
        #expect(Quantity.short(200, decimals: 0) == "200")
        #expect(Quantity.count(1_234_567) == "1,234,567")
        #expect(Quantity.count(-999) == "-999")
        #expect(Quantity.time(0.0123) == "0.012 s")
        #expect(Quantity.time(.infinity) == "never" && Quantity.seconds(.infinity) == "never")
        #expect(Quantity.copiesInWords(1.04) == "one copy" && Quantity.copiesInWords(0) == "nothing")
        #expect(Quantity.time(1200) == "20.0 min")
        #expect(Quantity.time(864_000) == "10.0 days")
        #expect(Quantity.seconds(86_400) == "86,400 s")
        #expect(Quantity.size(134_217_728) == "128 MiB")
        #expect(Quantity.link(1e8) == "100 Mbit/s")
        #expect(Quantity.percent(0.9996) == "99.9%")
        #expect(Quantity.percent(0.00001) == "0.1%")
        #expect(Quantity.percent(0) == "0%" && Quantity.percent(1) == "100%")
    }

    @Test func curvesEndWhereTheHostDid() {
        let host = HostRecord(
            name: "a", role: .receiver, start: 1, finished: 5,
            samples: [TrafficSample(time: 3, received: 40, sent: 10), TrafficSample(time: 6, received: 100, sent: 30)])
        let curve = HostCurve.received(host, size: 100)
        #expect(curve.bytes(at: 0) == 0)
        #expect(curve.bytes(at: 2) == 20)
        #expect(curve.bytes(at: 4) == 70)
        #expect(curve.bytes(at: 5) == 100)
        #expect(curve.bytes(at: 50) == 100)
        let bands = QuantileBands([curve, curve, HostCurve.received(host, size: 100)], to: 10, steps: 5)
        #expect(bands.rows.count == 6 && bands.rows[1].values == [20, 20, 20, 20, 20])
    }
}
