import ArgumentParser
import Host
import Metainfo

/// `duplex ls`: what a host offers.
struct LsCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List what a host offers: its shares, or a folder of one.",
        discussion: """
            Nothing but the list is fetched.

            Examples:
              duplex ls anna
              duplex ls anna/Lectures/week-1
            """)

    @Argument(help: ArgumentHelp("HOST, HOST/SHARE or HOST/SHARE/PATH.", valueName: "host[/share[/path]]"))
    var place: String

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object an entry.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let trimmed = place.hasSuffix("/") ? String(place.dropLast()) : place
        let name = ShareName(parsing: trimmed)
        guard !trimmed.isEmpty, name != nil || !trimmed.contains("/") else {
            throw ValidationError("'\(place)' is not HOST, HOST/SHARE or HOST/SHARE/PATH")
        }
        var target = "/hosts/\(PercentText.encode(name?.host ?? trimmed))/entries"
        if let name { target += "?share=\(PercentText.encode(name.share))&path=\(PercentText.encode(name.path ?? ""))" }
        let list = try await HostAccess.looking(state: state, settling: .zero) { control in
            try await control.get(ListModel<EntryModel>.self, target)
        }
        for entry in list.rows {
            console.emit([
                "name": .string(entry.name), "kind": .string(entry.kind.rawValue), "bytes": .integer(entry.bytes),
                "modified": JSONValue(entry.modified),
            ])
        }
        if list.rows.isEmpty { console.remark("It offers nothing.") }
        let rows = list.rows.map { entry in
            [
                VisibleText.escaped(entry.name) + (entry.kind == .file ? "" : "/"), ByteCount.size(entry.bytes),
                VisibleText.escaped(entry.modified ?? ""),
            ]
        }
        for line in ColumnText.lines(rows) { console.say(line) }
        ListEnd.remark(list.truncated, on: console)
    }
}
