/// What the numbers say, in words.
struct Verdict {
    /// A piece of the headline; one that tells a model's time has that model's colour.
    struct Piece: Equatable {
        var text: String
        var model: DeliveryModel?

        init(_ text: String, _ model: DeliveryModel? = nil) {
            self.text = text
            self.model = model
        }
    }

    let report: LabReport
    /// The comparison with the most receivers, which says the most.
    let largest: Comparison?

    init(_ report: LabReport) {
        self.report = report
        largest = report.comparisons.last
    }

    /// The result in one sentence.
    var headline: [Piece] {
        guard let largest else { return [Piece("Nothing was measured.")] }
        let who = "With \(Quantity.counted(largest.receivers, "receiver")), "
        switch (largest.clientServer.duration, largest.peerToPeer.duration) {
        case (let client?, let peer?): return headline(who, client: client, peer: peer)
        case (nil, let peer?):
            return [
                Piece(who + "\(peerToPeer) took "), Piece(Quantity.time(peer), .peerToPeer),
                Piece("; from one server, "), Piece(Self.missing(largest.clientServer), .clientServer),
                Piece(" the whole file."),
            ]
        case (let client?, nil):
            return [
                Piece(who + "one server took "), Piece(Quantity.time(client), .clientServer),
                Piece("; by \(peerToPeer), "), Piece(Self.missing(largest.peerToPeer), .peerToPeer),
                Piece(" the whole file."),
            ]
        case (nil, nil):
            let client = RunFigures(largest.clientServer).finishedReceivers
            let peer = RunFigures(largest.peerToPeer).finishedReceivers
            return [
                Piece("Neither came to an end: of \(Quantity.counted(largest.receivers, "receiver")), "),
                Piece("\(Quantity.count(client)) got the whole file from one server", .clientServer), Piece(", "),
                Piece("\(Quantity.count(peer)) by \(peerToPeer)", .peerToPeer), Piece("."),
            ]
        }
    }

    /// Why it came out so: a few sentences each, about the comparison with the most receivers.
    var reasons: [String] {
        guard let largest else { return [] }
        return [clientServer(largest), peerToPeer(largest), whereItBegins].compactMap { $0 }
    }

    /// A swarm that had help says so.
    private var peerToPeer: String {
        let isHelped = largest.map { RunFigures($0.peerToPeer).fromDedicated > 0 } ?? false
        return isHelped ? "peer-to-peer with a dedicated server" : "peer-to-peer"
    }

    private func headline(_ who: String, client: Double, peer: Double) -> [Piece] {
        let times = (client: Piece(Quantity.time(client), .clientServer), peer: Piece(Quantity.time(peer), .peerToPeer))
        // Differences that the next run may turn round are none.
        if client > peer * 1.05 {
            return [
                Piece(who + "\(peerToPeer) took "), times.peer, Piece(" where one server took "), times.client,
                Piece(": \(Quantity.factor(client / peer)) times as fast."),
            ]
        }
        if peer > client * 1.05 {
            return [
                Piece(who + "one server took "), times.client, Piece(" where \(peerToPeer) took "), times.peer,
                Piece(": \(Quantity.factor(peer / client)) times as fast."),
            ]
        }
        return [
            Piece(who + "it makes no difference: one server took "), times.client, Piece(", \(peerToPeer) "),
            times.peer, Piece("."),
        ]
    }

    /// For example `5 of 16 never got`.
    private static func missing(_ run: LabRun) -> String {
        let figures = RunFigures(run)
        let missing = figures.receivers - figures.finishedReceivers
        if missing == figures.receivers { return missing == 1 ? "it never got" : "none ever got" }
        return "\(Quantity.count(missing)) of \(Quantity.count(figures.receivers)) never got"
    }

    private func clientServer(_ comparison: Comparison) -> String {
        let figures = RunFigures(comparison.clientServer)
        let copies = Quantity.copiesInWords(figures.run.sourceCopies)
        let from = figures.fromDedicated > 0 ? "The source" : "The server"
        var text = "\(from)’s uplink carried \(copies) of the file"
        guard let duration = figures.duration else {
            let done = "\(Quantity.count(figures.finishedReceivers)) of \(Quantity.count(figures.receivers))"
            return text + " and no more: \(done) receivers got it all, and nobody else was there to serve the rest."
        }
        text += " in \(Quantity.time(duration))"
        let links = PayloadLinks(report, comparison)
        let each = links.oneCopy
        // Said only where the source's uplink is what takes the time.
        let isUplinkTheLimit = Double(figures.run.size) / links.slowestDown <= each * Double(comparison.receivers)
        if comparison.receivers > 1, figures.fromDedicated == 0, isUplinkTheLimit {
            text += ", one after another or side by side, which takes the same. Each further receiver adds "
            return text + "\(Quantity.time(each)) for everybody."
        }
        return text + "."
    }

    private func peerToPeer(_ comparison: Comparison) -> String {
        let figures = RunFigures(comparison.peerToPeer)
        var text =
            "By peer-to-peer the source sent \(Quantity.copiesInWords(figures.run.sourceCopies))"
        if comparison.receivers > 1 {
            text += "; of all that receivers got, \(Quantity.percent(figures.fromReceivers)) came from other receivers"
        }
        if figures.fromDedicated > 0 {
            text += " and \(Quantity.percent(figures.fromDedicated)) from dedicated servers"
        }
        text += "."
        if comparison.receivers > 1 { text += " Whoever comes for the file brings an uplink along." }
        if let efficiency = figures.efficiency, efficiency < 1.005 {
            text +=
                " On these links no program could do it in less than \(Quantity.time(figures.run.bound)): it was "
                + "\(Quantity.percent(efficiency)) efficient."
        }
        return text
    }

    private var whereItBegins: String? {
        guard report.comparisons.count > 2 else { return nil }
        // From which count on peer-to-peer stays ahead.
        let behind = report.comparisons.lastIndex { !$0.isPeerToPeerAhead }
        let first = behind.map { $0 + 1 } ?? 0
        guard report.comparisons.indices.contains(first), first > 0 else { return nil }
        let begin = Quantity.counted(report.comparisons[first].receivers, "receiver")
        return "Peer-to-peer is ahead from \(begin) on."
    }
}

extension Comparison {
    fileprivate var isPeerToPeerAhead: Bool {
        guard let peer = peerToPeer.duration else { return false }
        return clientServer.duration.map { $0 > peer * 1.05 } ?? true
    }
}
