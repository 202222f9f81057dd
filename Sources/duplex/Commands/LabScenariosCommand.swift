import ArgumentParser
import Lab
import Metainfo

/// `duplex lab scenarios`: what `duplex lab run` can run.
struct LabScenariosCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract: "List the ready scenarios.",
        discussion: """
            Example:
              duplex lab scenarios
            """)

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        for ready in ReadyScenario.all { console.emit(Self.json(ready)) }
        guard !json else { return }
        let width = ReadyScenario.all.map(\.scenario.name.count).max() ?? 0
        for ready in ReadyScenario.all {
            let scenario = ready.scenario
            let padding = String(repeating: " ", count: width - scenario.name.count)
            console.say("\(console.resultTerminal.bold(scenario.name))\(padding)  \(Self.facts(ready))")
        }
        console.say()
        console.say("Run one with: duplex lab run NAME")
    }

    private static func facts(_ ready: ReadyScenario) -> String {
        let scenario = ready.scenario
        var facts = ["\(scenario.title): \(ByteCount.size(scenario.size))"]
        if ready.places.count == 1, let only = ready.places.first { facts.append("only --\(only.rawValue)") }
        if let remark = ready.remark { facts.append(remark) }
        return facts.joined(separator: "; ")
    }

    private static func json(_ ready: ReadyScenario) -> JSONValue {
        let scenario = ready.scenario
        return [
            "event": "scenario", "name": .string(scenario.name), "title": .string(scenario.title),
            "explanation": .string(scenario.explanation), "hosts": JSONValue(scenario.receiverCount),
            "size": .integer(scenario.size), "places": .array(ready.places.map { .string($0.rawValue) }),
            "remark": JSONValue(ready.remark),
        ]
    }
}
