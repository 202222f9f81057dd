import ArgumentParser
import Lab

/// `duplex lab run`: one of the ready scenarios.
struct LabRunCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a ready scenario both ways; `duplex lab scenarios` lists them.",
        discussion: """
            Examples:
              duplex lab run flash-crowd
              sudo duplex lab run cable --real
            """)

    @Argument(help: "The scenario's name.")
    var scenario: String

    @OptionGroup
    var options: LabOptions

    var json: Bool { options.json }

    func validate() throws {
        guard let ready = ReadyScenario.named(scenario) else {
            let names = ReadyScenario.all.map(\.scenario.name).joined(separator: ", ")
            throw ValidationError("There is no scenario '\(VisibleText.escaped(scenario))'. There are: \(names)")
        }
        guard ready.places.contains(options.place.place) else {
            let others = ready.places.map { "--\($0.rawValue)" }.joined(separator: " or ")
            let reason = ready.remark.map { " (\($0))" } ?? ""
            throw ValidationError("'\(scenario)' only runs with \(others)\(reason)")
        }
    }

    func run() async throws {
        guard let scenario = ReadyScenario.named(scenario)?.scenario, let source = scenario.hosts.first else { return }
        try await LabSession.run([scenario], options: options) { comparisons, runner in
            LabReport(
                settings: LabSettings(
                    place: options.place.place, hosts: [scenario.receiverCount], size: scenario.size,
                    rate: source.link.up, seed: options.seed,
                    payloadRate: runner.payloadRate(ofLink: source.link.up), title: scenario.title),
                comparisons: comparisons, scenario: scenario)
        }
    }
}
