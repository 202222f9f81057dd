extension Verdict {
    struct Advice: Equatable {
        var when: String
        var text: String
    }

    /// When a dedicated server pays all the same, computed for the comparison with the most receivers.
    var advice: [Advice] {
        guard let largest, largest.receivers > 0 else { return [] }
        let links = PayloadLinks(report, largest)
        guard links.sourceUp > 0, links.slowestDown > 0, links.size > 0 else { return [] }
        // One receiver has nobody to give to: whether it leaves or sends slowly makes no difference.
        let aboutReceivers = largest.receivers > 1 ? [leaving(links), slowUplinks(links)] : []
        return [matching(largest, links), oneAtATime(links)] + aboutReceivers + [sourceGoes(largest, links)]
    }

    private func matching(_ comparison: Comparison, _ links: PayloadLinks) -> Advice {
        let time = comparison.peerToPeer.duration ?? comparison.peerToPeer.bound
        let factor = Double(comparison.receivers) * links.oneCopy / max(time, 1e-9)
        let task = "To do it for \(Quantity.counted(comparison.receivers, "receiver")) in \(Quantity.time(time)) "
        let link = Quantity.link(Double(report.scenario?.hosts.first?.link.up ?? report.settings.rate) * factor)
        return Advice(
            when: "its link is fast enough",
            text: factor < 1.05
                ? task + "the link that the source has is enough."
                : task + "it needs an uplink of \(link), \(Quantity.factor(factor)) times the source’s; and for twice "
                    + "the receivers, twice that.")
    }

    private func oneAtATime(_ links: PayloadLinks) -> Advice {
        let alone = report.comparisons.first { $0.receivers == 1 }
        let text: String
        if let client = alone?.clientServer.duration, let peer = alone?.peerToPeer.duration {
            text =
                "measured here with one receiver: \(Quantity.time(client)) from a server, \(Quantity.time(peer)) by "
                + "peer-to-peer."
        } else {
            text = "either way one copy keeps the source’s uplink busy for \(Quantity.time(links.oneCopy))."
        }
        return Advice(
            when: "hosts come one at a time",
            text: "With nobody else there at the same time, there is nobody to share with: " + text)
    }

    private func leaving(_ links: PayloadLinks) -> Advice {
        Advice(
            when: "receivers leave as soon as they have it",
            text: "They give only while they fetch. If they gave half of what their links carry, the bound would be "
                + "\(Quantity.time(links.peerToPeer(receiversGiving: 0.5))); if nothing, "
                + "\(Quantity.time(links.peerToPeer(receiversGiving: 0))).")
    }

    private func slowUplinks(_ links: PayloadLinks) -> Advice {
        let tenth = links.peerToPeer(receiversGiving: 0.1)
        return Advice(
            when: "uplinks are slow",
            text: "Were the receivers’ uplinks a tenth as fast and all else the same, the bound would be "
                + "\(Quantity.time(tenth)) for these \(Quantity.count(links.receivers)): at most "
                + "\(Quantity.factor(links.clientServer / tenth)) times as fast as one server.")
    }

    private func sourceGoes(_ comparison: Comparison, _ links: PayloadLinks) -> Advice {
        var text =
            "Until the swarm holds one whole copy, which takes the source \(Quantity.time(links.oneCopy)) at the least, "
            + "whoever leaves with the only copy of a piece ends it for all. A dedicated server has a copy and stays."
        if let duration = comparison.clientServer.duration, comparison.receivers > 1 {
            text += " Serving alone, a source must stay for all of \(Quantity.time(duration))."
        }
        return Advice(when: "the source may switch off", text: text)
    }
}
