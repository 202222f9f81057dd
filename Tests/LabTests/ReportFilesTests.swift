import Foundation
import Testing

@testable import Lab

@Suite struct ReportFilesTests {
    private func sample(_ counts: [Int]) -> LabReport {
        LabReport(
            settings: ReportSamples.settings(counts),
            comparisons: counts.map { ReportSamples.comparison($0, samples: 200) })
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/duplex-report-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func writesFourFilesAndNothingElse() throws {
        try withFolder { folder in
            let report = sample([1, 4])
            let there = folder + "/a/b/"
            let paths = try report.write(to: there)
            #expect(paths == ["index.html", "results.csv", "hosts.csv", "report.json"].map { there + $0 })
            let first = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
            // Once more over the same: no difference, no leftovers.
            try report.write(to: folder + "/a/b")
            #expect(try paths.map { try Data(contentsOf: URL(filePath: $0)) } == first)
            #expect(try FileManager.default.contentsOfDirectory(atPath: there).count == 4)
        }
    }

    @Test func saysWhatIsInTheWay() throws {
        try withFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            let file = #expect(throws: LabReportError.self) { try sample([1]).write(to: folder + "/file") }
            #expect(file?.code == ENOTDIR)
            #expect(file?.description.contains("not a directory, choose another name for the folder") == true)
            let below = #expect(throws: LabReportError.self) { try sample([1]).write(to: folder + "/file/below") }
            #expect(below?.code == ENOTDIR)

            // A folder in the place of the last file: the first three are there and whole, and nothing else.
            try FileManager.default.createDirectory(
                atPath: folder + "/report.json/x", withIntermediateDirectories: true)
            #expect(throws: LabReportError.self) { try sample([1]).write(to: folder) }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["file", "hosts.csv", "index.html", "report.json", "results.csv"])
        }
        #expect(
            LabReportError(path: "/mnt", code: ENOSPC).description
                == "cannot write the report to /mnt, no space left on device, free some space or choose another folder")
    }

    @Test func tablesHaveARowForEachCountAndHost() {
        var comparison = ReportSamples.comparison(2, samples: 3)
        comparison.clientServer.hosts[1].name = "a,\"b\"\n"
        comparison.clientServer.hosts[2].finished = nil
        let results = ReportTables.results([ReportSamples.comparison(1, samples: 3), comparison])
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        #expect(results.count == 3)
        #expect(Set(results.map(\.count)) == [19])
        #expect(results[0][1] == "clientServer" && results[2][0] == "2")
        // What never came about is empty.
        #expect(results[2][1] == "" && results[2][5] == "" && results[2][7] == "")

        let hosts = ReportTables.hosts([comparison])
        #expect(hosts.hasPrefix("hosts,model,name,role,program,start,finished,received,sent\n"))
        #expect(hosts.contains("\n2,clientServer,\"a,\"\"b\"\"\n\",receiver,duplex,0,"))
        #expect(hosts.contains("\n2,clientServer,host-2,receiver,duplex,0,,134217728,0\n"))
        #expect(hosts.contains("\n2,peerToPeer,source,source,duplex,0,0,0,"))
    }

    @Test func documentHasEverything() throws {
        let report = sample([1, 4])
        let json = ReportDocument.json(report)
        #expect(ReportDocument.json(report) == json)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(object["headline"] as? String == report.headline)
        let settings = try #require(object["settings"] as? [String: Any])
        #expect(settings["seed"] as? Int == 7 && settings["place"] as? String == "simulated")
        let comparisons = try #require(object["comparisons"] as? [[String: Any]])
        let run = try #require(comparisons[1]["peerToPeer"] as? [String: Any])
        let hosts = try #require(run["hosts"] as? [[String: Any]])
        #expect(hosts.count == 5)
        let samples = try #require(hosts[1]["samples"] as? [[Double]])
        #expect(samples.count == ReportDocument.mostSamplesOfHost)
        #expect(samples.last?[1] == 134_217_728)
        #expect((hosts[0]["servedTo"] as? [String: Int])?.count == 4)
    }

    @Test func documentOfManyHostsIsCapped() throws {
        let many = sample([2000])
        let json = ReportDocument.json(many)
        // 20 samples of each host are left, and no pairs.
        #expect(json.utf8.count < 6_000_000)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let comparisons = try #require(object["comparisons"] as? [[String: Any]])
        let run = try #require(comparisons[0]["peerToPeer"] as? [String: Any])
        let hosts = try #require(run["hosts"] as? [[String: Any]])
        #expect((hosts[7]["samples"] as? [[Double]])?.count == 19)
    }

    @Test func stringsOfJSON() {
        #expect(JSONNode.number(.nan).text() == "null")
        #expect(JSONNode.unsigned(.max).text() == "18446744073709551615")
        let object = JSONNode.object([("b", .array([.integer(1)])), ("a", .object([]))])
        #expect(object.text() == "{\n  \"b\": [1],\n  \"a\": {}\n}")
    }
}
