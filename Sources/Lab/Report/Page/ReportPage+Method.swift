extension ReportPage {
    /// How it was measured, so that others can measure it again.
    var method: String {
        let settings = report.settings
        let place =
            settings.place == .simulated
            ? "Simulated: the program’s own engine under virtual time; the same seed gives the same figures."
            : "Measured: network namespaces of one computer, each running the program, on links shaped to their rates."
        let facts: [(String, String)] = [
            ("Network", place + (report.scenario == nil ? " All hosts are on one switch." : "")),
            ("File", "\(Quantity.size(settings.size)) (\(Quantity.count(settings.size)) bytes)"),
            (
                "Links",
                "\(Quantity.link(Double(settings.rate))) each way, of which \(Quantity.rate(settings.payloadRate)) "
                    + "are left for the file; bounds count with that." + otherLinks
            ),
            ("Seed", String(settings.seed)),
            ("Programs", programs),
        ]
        let list = facts.filter { !$0.1.isEmpty }.map { "<dt>\($0.0)</dt>\n<dd>\(Escaped.prose($0.1))</dd>" }
        return """
            <section class="method">
            <h2>How this was measured</h2>
            <dl>
            \(list.joined(separator: "\n"))
            <dt>Bounds</dt>
            <dd>With a file of <i>F</i> bytes, <i>N</i> receivers, rates <i>u</i> up and <i>d</i> down, the source’s \
            <i>u</i><sub>s</sub>: by client/server max(<i>N</i>·<i>F</i>/<i>u</i><sub>s</sub>, \
            <i>F</i>/<i>d</i><sub>min</sub>); by peer-to-peer max(<i>F</i>/<i>u</i><sub>s</sub>, \
            <i>F</i>/<i>d</i><sub>min</sub>, <i>N</i>·<i>F</i>/(<i>u</i><sub>s</sub> + Σ<i>u</i>)), as if data flowed \
            like water. Efficiency is the bound divided by the time it took.</dd>
            </dl>
            <p>Everything here is in <a href="results.csv">results.csv</a>, <a href="hosts.csv">hosts.csv</a> and \
            <a href="report.json">report.json</a> beside this page.</p>
            </section>
            """
    }

    private var otherLinks: String {
        let others = hostsWithOtherLinks
        guard others > 0 else { return "" }
        return " \(Quantity.counted(others, "host")) of this scenario \(others == 1 ? "has a link" : "have links") of "
            + "other rates, the bounds count with those."
    }

    /// How many hosts of the scenario have links of other rates than the settings say.
    var hostsWithOtherLinks: Int {
        let rate = report.settings.rate
        return (report.scenario?.hosts ?? []).count { $0.link.up != rate || $0.link.down != rate }
    }

    private var programs: String {
        var counts: [String: Int] = [:]
        for host in verdict.largest?.peerToPeer.hosts ?? [] { counts[host.program, default: 0] += 1 }
        guard counts.count > 1 else { return counts.keys.first ?? "" }
        return counts.sorted { $0.key < $1.key }.map { "\(Quantity.counted($1, "host")) with \($0)" }
            .joined(separator: ", ")
    }
}
