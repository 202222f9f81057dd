import PeerWire

/// What to tell somebody whose `get` waits because it reaches no peer, or none that gives anything. Each hint is given once.
struct PeerHints {
    private let known: [String]
    private let listening: [PeerAddress]
    private let isLink: Bool
    private let hasWebSeeds: Bool
    private let start: ContinuousClock.Instant
    private var wasGiven = false
    private var isOver = false
    /// When something came last.
    private var moved: (done: Int64, at: ContinuousClock.Instant)?
    private var saidThatItStands = false

    /// So long nothing comes before that is said.
    private static let patience = Duration.seconds(30)

    /// - Parameters:
    ///   - isLink: it was asked for by a link, which a shell can have cut.
    ///   - hasWebSeeds: the link or torrent names some.
    init(
        known: [String], listening: [PeerAddress], isLink: Bool, hasWebSeeds: Bool = false,
        start: ContinuousClock.Instant = .now
    ) {
        self.known = known
        self.listening = listening
        self.isLink = isLink
        self.hasWebSeeds = hasWebSeeds
        self.start = start
    }

    /// Empty unless it is time for a hint.
    mutating func due(_ status: TransferSnapshot, now: ContinuousClock.Instant = .now) -> [String] {
        guard status.server == nil else { return [] }
        if let hint = standing(status, now) { return [hint] }
        guard !isOver else { return [] }
        if status.peers > 0 || status.webSeeds > 0 { return connected() }
        guard !wasGiven else { return [] }
        switch status.phase {
        case .metadata, .fetching: break
        default: return []
        }
        let waited = now - start
        if case .metadata = status.phase, known.isEmpty, hasWebSeeds {
            wasGiven = true
            return noDescription
        }
        guard waited >= (known.isEmpty ? .seconds(3) : .seconds(10)) else { return [] }
        wasGiven = true
        return known.isEmpty ? noPeer : noAnswer
    }

    /// There is a peer: whoever was told that nobody answers is told so, once.
    mutating func connected() -> [String] {
        guard wasGiven, !isOver else { return [] }
        isOver = true
        return ["Connected."]
    }

    /// Somebody is connected, and nothing comes.
    private mutating func standing(_ status: TransferSnapshot, _ now: ContinuousClock.Instant) -> String? {
        guard status.phase == .fetching, status.peers > 0 || status.webSeeds > 0 else {
            moved = nil
            return nil
        }
        guard let last = moved, last.done == status.done else {
            moved = (status.done, now)
            saidThatItStands = false
            return nil
        }
        guard !saidThatItStands, now - last.at >= Self.patience else { return nil }
        saidThatItStands = true
        let who = TransferText.partners(peers: status.peers, webSeeds: status.webSeeds)
        return
            "Nothing has come for \(Self.patience.components.seconds) s from \(who). Perhaps what is missing has changed "
            + "where it is shared: then its new link, or its name (HOST/SHARE), is what to ask for. Still waiting."
    }

    private var noPeer: [String] {
        var lines = [
            "No peer is known. Add --peer HOST:PORT with an address that `duplex share` printed."
        ]
        if isLink {
            lines.append(
                "If the link was pasted without quotes, the shell cut it at the first &: put it in single quotes.")
        }
        if let address = listening.first {
            lines.append("Still waiting in case another computer connects to this one at \(address).")
        }
        return lines
    }

    private var noDescription: [String] {
        var lines = [
            "The link names a web server and no peer, and what it stands for can be asked of peers only: use the .torrent "
                + "file, or add --peer HOST:PORT."
        ]
        if let address = listening.first {
            lines.append("Still waiting in case another computer connects to this one at \(address).")
        }
        return lines
    }

    private var noAnswer: [String] {
        let shown = known.prefix(4).map(VisibleText.escaped).joined(separator: ", ")
        return [
            "No answer yet from \(shown)\(known.count > 4 ? ", …" : ""). Is `duplex share` still running there, are both "
                + "computers on the same network, and does its firewall let the port in? Still trying."
        ]
    }
}
