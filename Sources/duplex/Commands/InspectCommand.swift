import ArgumentParser
import Metainfo

/// `duplex inspect`: what a .torrent file or a magnet link says.
struct InspectCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a .torrent file or a magnet link.",
        discussion: """
            Reads the file or link alone; nothing is fetched.

            Example:
              duplex inspect Lectures.torrent
            """)

    @Argument(help: ArgumentHelp("The .torrent file or the magnet link.", valueName: "file|magnet"))
    var source: String

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func run() async throws {
        let inspection = Inspection(try SourceArgument(source))
        let console = Console(json: json)
        console.emit(inspection.json)
        for line in inspection.lines(terminal: console.resultTerminal) { console.say(line) }
    }
}
