import ArgumentParser
import Host

/// `duplex end`: ends a transfer.
struct EndCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a transfer of this computer's host. What was fetched stays.",
        discussion: """
            The same `duplex get` goes on from there. `duplex unshare` ends a share.

            Examples:
              duplex end Lectures
              duplex end 3
            """)

    @OptionGroup var options: TransferOptions
    var json: Bool { options.json }

    func run() async throws {
        try await options.run("ended") { control, id in try await control.delete("/transfers/\(id)") }
    }
}

/// `duplex pause`: a transfer stops until it is resumed.
struct PauseCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause a transfer of this computer's host, also over restarts.",
        discussion: """
            Example:
              duplex pause Lectures
            """)

    @OptionGroup var options: TransferOptions
    var json: Bool { options.json }

    func run() async throws {
        try await options.run("paused") { control, id in try await control.post("/transfers/\(id)/pause") }
    }
}

/// `duplex resume`: a paused transfer goes on.
struct ResumeCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a transfer that was paused.",
        discussion: """
            Example:
              duplex resume Lectures
            """)

    @OptionGroup var options: TransferOptions
    var json: Bool { options.json }

    func run() async throws {
        try await options.run("resumed") { control, id in try await control.post("/transfers/\(id)/resume") }
    }
}

/// Which transfer, and of which host.
struct TransferOptions: ParsableArguments {
    @Argument(help: "The transfer's name, HOST/SHARE, or its number in `duplex status`.")
    var transfer: String

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    /// - Parameter event: what has happened to the transfer then, as a word.
    func run(_ event: String, _ change: (HostControl, String) async throws -> Void) async throws {
        let console = Console(json: json)
        let control = try await HostAccess.running(state: state)
        let found = try await HostAccess.told {
            let found = try await find(control)
            try await change(control, found.id)
            return found
        }
        console.emit(["event": .string(event), "id": .string(found.id), "name": JSONValue(found.name)])
        console.say("\(VisibleText.escaped(found.name ?? found.id)) is \(event).")
    }

    private func find(_ control: HostControl) async throws -> TransferModel {
        let all = try await control.get(ListModel<TransferModel>.self, "/transfers").rows.filter { $0.kind == .fetch }
        if let exact = all.first(where: { $0.id == transfer }) { return exact }
        let named = all.filter { $0.name == transfer || "\($0.host ?? "")/\($0.share ?? "")" == transfer }
        let text = VisibleText.escaped(transfer)
        guard let first = named.first else {
            throw CommandFailure(
                "there is no transfer \(text)", remedy: "`duplex status` lists what there is")
        }
        guard named.count == 1 else {
            let numbers = named.map { "\($0.id) in \(VisibleText.escaped($0.directory ?? ""))" }
            throw CommandFailure(
                "there are several transfers \(text)",
                remedy: "give the number of one: \(numbers.joined(separator: ", "))")
        }
        return first
    }
}
