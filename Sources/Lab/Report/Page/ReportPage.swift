/// The report as one page that needs nothing from anywhere: no script, no font, no picture from outside.
struct ReportPage {
    let report: LabReport
    let verdict: Verdict

    init(_ report: LabReport) {
        self.report = report
        verdict = Verdict(report)
    }

    var html: String {
        let sections = [header, overview, reasons, table, progress, serving, advice, method]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(Escaped.html(report.headline))</title>
            <style>
            \(PageStyle.css)
            </style>
            </head>
            <body>
            <main>
            \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var header: String {
        let settings = report.settings
        let title = report.scenario?.title ?? settings.title
        let facts = [
            "Duplex lab", title, settings.place == .simulated ? "simulated" : "measured",
            Quantity.size(settings.size),
            hostsWithOtherLinks == 0 ? "links of \(Quantity.link(Double(settings.rate)))" : "",
        ].filter { !$0.isEmpty }
        let headline = verdict.headline.map { piece in
            let text = Escaped.prose(piece.text)
            return piece.model.map { "<span class=\"\($0.style)\">\(text)</span>" } ?? text
        }
        let explanation = report.scenario.map { "<p class=\"lede\">\(Escaped.prose($0.explanation))</p>\n" } ?? ""
        return """
            <header>
            <p class="kicker">\(facts.map(Escaped.prose).joined(separator: "&nbsp;· "))</p>
            <h1>\(headline.joined())</h1>
            \(explanation)</header>
            """
    }

    private var overview: String {
        guard let largest = report.comparisons.last else { return "" }
        let isOne = report.comparisons.count == 1
        let plot = PlotSize.both { size in
            isOne
                ? BarPlot(comparison: largest, size: size).svg()
                : ReceiversPlot(comparisons: report.comparisons, size: size).svg()
        }
        let runs = report.comparisons.flatMap { [$0.clientServer, $0.peerToPeer] }
        let isUnfinished = runs.contains { $0.duration == nil }
        let cross = isUnfinished && !isOne ? " A cross on the upper edge is a run in which some never got it all." : ""
        let legend =
            isOne
            ? "A bar ends when the last receiver has the whole file; the hairs inside are when each of them had it."
            : "A dot is a run: the time until the last receiver has the whole file."
        return """
            <figure class="main">
            <div>\(plot)</div>
            <figcaption>
            <p><b class="cs">Client/server</b>: every receiver fetches from the one server alone.</p>
            <p><b class="pp">Peer-to-peer</b>: receivers serve each other too, each a client and a server at once.</p>
            <p>\(legend)\(cross) <span class="key"></span> Dashed is the bound: no program can be faster on these links.</p>
            </figcaption>
            </figure>
            """
    }

    private var reasons: String {
        guard !verdict.reasons.isEmpty else { return "" }
        let reasons = verdict.reasons.map { "<p>\(Escaped.prose($0))</p>" }.joined(separator: "\n")
        return "<section class=\"words\">\n<h2>What it shows</h2>\n\(reasons)\n</section>"
    }

    private var advice: String {
        let advice = verdict.advice.map { advice in
            "<div><dt>\(Escaped.html(advice.when))</dt>\n<dd>\(Escaped.prose(advice.text))</dd></div>"
        }
        guard !advice.isEmpty else { return "" }
        return """
            <section>
            <h2>A dedicated server pays when …</h2>
            <dl class="advice">
            \(advice.joined(separator: "\n"))
            </dl>
            </section>
            """
    }

    private var table: String {
        guard !report.comparisons.isEmpty else { return "" }
        return "<section>\n<h2>The figures</h2>\n\(ResultTable(report.comparisons).html)\n</section>"
    }
}
