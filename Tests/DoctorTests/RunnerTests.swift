import Testing

@testable import Doctor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct RunnerTests {
    private struct Sample: HealthCheck {
        var id: String
        var subject = "the sample"
        var body: @Sendable () throws -> [Finding]

        func findings() throws -> [Finding] { try body() }
    }

    @Test func orderFailuresAndChecksThatHang() async {
        let checks = [
            Sample(id: "slow") {
                sleep(30)
                return []
            },
            Sample(id: "good") { [Finding(id: "good", severity: .ok, title: "fine")] },
            Sample(id: "bad") { throw LookFailure("it is dark") },
        ]
        let findings = await CheckRunner.run(checks, patience: .milliseconds(100))
        #expect(findings.brief == ["slow.unseen note", "good ok", "bad.unseen note"])
        #expect(findings[2].title == "Could not look at the sample, because it is dark")
    }

    @Test func programs() throws {
        let shell = try #require(SystemTool.find("sh"))
        let result = try shell.run(["-c", "echo out; echo wrong >&2; exit 3"])
        #expect(result == ToolResult(status: 3, output: "out\n", errors: "wrong\n"))
        #expect(throws: LookFailure.self) { try shell.run(["-c", "exec sleep 30"]) }
        #expect(SystemTool.find("no-such-program-anywhere") == nil)
    }

    @Test func wholeExamination() async {
        let findings = await Diagnosis.examine(DoctorInput(listenPort: 27272, statePath: "/tmp/x/y", downloadPath: "/"))
        let subjects = Set(findings.compactMap { $0.id.split(separator: ".").first.map(String.init) })
        #expect(subjects.isSuperset(of: ["network", "multicast", "clock", "disk", "files"]))
        for finding in findings where finding.severity > .note { #expect(finding.remedy != nil, "\(finding)") }
    }
}
