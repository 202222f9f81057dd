import ArgumentParser
import Host
import Metainfo

/// `duplex shares`: what the running host shares.
struct SharesCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "shares",
        abstract: "List what this computer's host shares.",
        discussion: """
            Example:
              duplex shares
            """)

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a share.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let control = try await HostAccess.running(state: state)
        let list = try await HostAccess.told { try await control.get(ListModel<ShareModel>.self, "/shares") }
        for share in list.rows {
            console.emit([
                "name": .string(share.name), "path": .string(share.path), "scope": .string(share.scope.rawValue),
                "infoHashV1": JSONValue(share.infoHashV1), "infoHashV2": JSONValue(share.infoHashV2),
                "bytes": .integer(share.bytes), "files": JSONValue(share.files), "version": .integer(share.version),
                "state": .string(share.state.rawValue), "message": JSONValue(share.message),
                "magnet": JSONValue(share.magnet), "inbox": .bool(share.inbox),
            ])
        }
        if list.rows.isEmpty { console.remark("Nothing is shared; `duplex share --public FOLDER` changes that.") }
        let rows = list.rows.map { share in
            [
                VisibleText.escaped(share.name), share.inbox ? "inbox" : share.scope.rawValue,
                ByteCount.size(share.bytes),
                ByteCount.counted(share.files, "file"), share.version == 0 ? "" : "version \(share.version)",
                Self.state(of: share), VisibleText.escaped(share.path),
            ]
        }
        for (line, share) in zip(ColumnText.lines(rows), list.rows) {
            console.say(line)
            // A line of its own, so that columns stay narrow.
            guard share.state == .offered, let message = share.message else { continue }
            console.say("     \(VisibleText.escaped(message))")
        }
        ListEnd.remark(list.truncated, on: console)
    }

    private static func state(of share: ShareModel) -> String {
        switch share.state {
        case .offered: "offered"
        case .hashing:
            share.toHash.map { "hashing \(ProgressBar.percent(done: share.hashed ?? 0, total: $0)) %" } ?? "hashing"
        case .missing: "missing: \(VisibleText.escaped(share.message ?? ""))"
        case .failed: "failed: \(VisibleText.escaped(share.message ?? ""))"
        }
    }
}

/// `duplex unshare`: ends a share.
struct UnshareCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "unshare",
        abstract: "End one or more shares. Their files are not touched.",
        discussion: """
            Example:
              duplex unshare Lectures
              duplex unshare Lectures Photos
            """)

    @Argument(help: "The names of the shares.")
    var name: [String]

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a share.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let control = try await HostAccess.running(state: state)
        // One that is not there keeps no other from being ended.
        var failures: [CommandFailure] = []
        for name in name {
            do {
                try await HostAccess.told { try await control.delete("/shares/\(PercentCoding.encoded(name))") }
                console.emit(["event": "unshared", "name": .string(name)])
                console.say("\(VisibleText.escaped(name)) is shared no more.")
            } catch let failure as CommandFailure {
                failures.append(failure)
            }
        }
        for failure in failures.dropLast() { console.warn("duplex: \(VisibleText.escaped("\(failure)"))") }
        if let last = failures.last { throw last }
    }
}
