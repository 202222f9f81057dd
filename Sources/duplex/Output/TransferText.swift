import Metainfo

/// How a fetch goes, in words: what `get` shows while it runs.
struct TransferText {
    private let status: TransferSnapshot
    private let name: String

    /// `name` stands in until the torrent's own is known.
    init(_ status: TransferSnapshot, name: String) {
        self.status = status
        self.name = VisibleText.escaped(status.name ?? name)
    }

    /// What is going on, and in which role.
    var phaseName: String {
        switch status.phase {
        case .metadata: "asking for the list of files"
        case .checking: "checking what is here"
        case .fetching: status.clients > 0 ? "fetching and serving" : "fetching"
        case .complete: "serving"
        case .paused, .halted: "paused"
        }
    }

    /// One line for a terminal with a bar where there is room for one.
    func liveLine(columns: Int) -> String {
        let title = VisibleText.truncated(name, to: max(12, columns / 4))
        guard status.total > 0, hasBar else { return ([title] + facts).joined(separator: "  ") }
        let percent = ProgressBar.percent(done: status.done, total: status.total)
        let number = String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0) + "\(percent) %"
        let words = ([number] + facts).joined(separator: "  ")
        let room = columns - VisibleText.width(title) - VisibleText.width(words) - 4
        guard room >= 6 else { return title + "  " + words }
        let fraction = Double(status.done) / Double(status.total)
        return title + "  " + ProgressBar.text(fraction: fraction, columns: min(room, 30)) + "  " + words
    }

    /// One line where lines cannot be drawn anew.
    var plainLine: String {
        var parts = facts
        if status.total > 0, hasBar {
            parts.insert("\(ProgressBar.percent(done: status.done, total: status.total)) %", at: 0)
        }
        return name + ": " + parts.joined(separator: ", ")
    }

    private var hasBar: Bool {
        switch status.phase {
        case .checking, .fetching: true
        default: false
        }
    }

    private var facts: [String] {
        let peers = sources
        switch status.phase {
        case .metadata:
            return [phaseName, peers]
        case .checking:
            return [amount, phaseName].compactMap(\.self)
        case .fetching:
            return [amount, ByteCount.rate(status.downRate), timeLeft, peers, phaseName].compactMap(\.self)
        case .complete:
            return [
                phaseName, "↑ \(ByteCount.rate(status.upRate))", "\(ByteCount.size(status.uploaded)) sent", peers,
            ]
        case .paused(let message):
            return ["paused: \(VisibleText.escaped(message))"]
        case .halted:
            return ["\(phaseName), `duplex resume` goes on with it"]
        }
    }

    /// From where it comes.
    private var sources: String {
        if let server = status.server { return "from \(VisibleText.escaped(server))" }
        return Self.partners(peers: status.peers, webSeeds: status.webSeeds)
    }

    static func partners(peers: Int, webSeeds: Int) -> String {
        guard webSeeds > 0 else { return ByteCount.counted(peers, "peer") }
        let servers = ByteCount.counted(webSeeds, "web server")
        return peers > 0 ? ByteCount.counted(peers, "peer") + " and " + servers : servers
    }

    private var amount: String? {
        if status.total == 0, status.done > 0 { return ByteCount.size(status.done) }
        return status.total == 0
            ? nil : "\(ByteCount.size(status.done)) of \(ByteCount.size(status.total))"
    }

    /// Ten days.
    private static let longestTimeLeft = 864_000.0

    private var timeLeft: String? {
        let left = status.total - status.done
        guard status.downRate > 0, left > 0 else { return nil }
        let seconds = Double(left) / Double(status.downRate)
        // What trickles or has just stopped: nobody believes that.
        return seconds < Self.longestTimeLeft ? DurationText.left(seconds) + " left" : nil
    }
}
