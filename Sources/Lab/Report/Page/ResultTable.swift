/// The figures of all comparisons as a table of the page.
struct ResultTable {
    private let comparisons: [Comparison]
    private let hasDedicated: Bool

    init(_ comparisons: [Comparison]) {
        self.comparisons = comparisons
        hasDedicated = comparisons.contains(where: \.hasDedicated)
    }

    var html: String {
        let sources = ["source", "receivers"] + (hasDedicated ? ["dedicated"] : [])
        return """
            <div class="scroll" role="region" aria-label="The figures" tabindex="0">
            <table>
            <caption><span>Times are seconds until the last receiver has the whole file; 99% is until all but one in a \
            hundred have it. Efficiency is bound over time. Copies are what the source sent.</span></caption>
            <thead>
            <tr><th scope="col" rowspan="2">receivers</th>\
            <th scope="colgroup" colspan="5" class="cs">client/server</th>\
            <th scope="colgroup" colspan="5" class="pp">peer-to-peer</th>\
            <th scope="colgroup" colspan="\(sources.count)">bytes came from</th>\
            <th scope="col" rowspan="2">times as fast</th></tr>
            <tr>\((Self.columns + Self.columns + sources).map { "<th scope=\"col\">\($0)</th>" }.joined())</tr>
            </thead>
            <tbody>
            \(comparisons.map(row).joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            """
    }

    private static let columns = ["time", "99%", "bound", "efficiency", "copies"]

    private func row(_ comparison: Comparison) -> String {
        let peer = RunFigures(comparison.peerToPeer)
        var cells = runCells(RunFigures(comparison.clientServer)) + runCells(peer)
        cells += [Quantity.percent(peer.fromSource), Quantity.percent(peer.fromReceivers)]
        if hasDedicated { cells.append(Quantity.percent(peer.fromDedicated)) }
        cells.append(comparison.fasterBy.map { "<b>\(Quantity.factor($0))</b>" } ?? "–")
        return "<tr><th scope=\"row\">\(Quantity.count(comparison.receivers))</th>"
            + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private func runCells(_ figures: RunFigures) -> [String] {
        let finished = "\(Quantity.count(figures.finishedReceivers)) of \(Quantity.count(figures.receivers))"
        return [
            figures.duration.map { "<b class=\"\(figures.run.model.style)\">\(Quantity.significant($0))</b>" }
                ?? "<span class=\"never\">never<br>\(finished)</span>",
            figures.ninetyNine.map(Quantity.significant) ?? "–",
            figures.run.bound == .infinity ? Quantity.never : Quantity.significant(figures.run.bound),
            figures.efficiency.map(Quantity.percent) ?? "–",
            Quantity.copies(figures.run.sourceCopies),
        ]
    }
}
