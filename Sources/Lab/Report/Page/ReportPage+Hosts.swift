extension ReportPage {
    /// Bytes over time of every host, with the largest count of receivers.
    var progress: String {
        guard let largest = verdict.largest else { return "" }
        let runs = [RunFigures(largest.clientServer), RunFigures(largest.peerToPeer)]
        let series = runs.map(series)
        let end = series.map(\.end).max() ?? 1
        let isMany = largest.receivers > ProgressPlot.mostCurves
        let many = "The line is the receiver in the middle; the inner band holds 80% of them, the outer one all."
        let few = largest.receivers > 1 ? "A line is a receiver." : ""
        let whose =
            largest.receivers == 1
            ? "Received by the receiver" : "Received by each of \(Quantity.count(largest.receivers)) receivers"
        var figures = figure(
            "\(whose), both models on one clock. "
                + (isMany ? many : few),
            plot("progress", "Bytes received over time", series, end))
        if let peer = series.last, peer.end < end * 0.4 {
            figures += figure(
                "Peer-to-peer alone, from start to finish.",
                plot("closer", "Bytes received over time, peer-to-peer alone", [peer], peer.end))
        }
        figures += isMany ? sending(runs[1]) : hostPlots(runs[1])
        return "<section>\n<h2>Bytes over time</h2>\n\(figures)</section>"
    }

    /// Who served whom, with the largest count of receivers.
    var serving: String {
        guard let largest = verdict.largest else { return "" }
        let peer = RunFigures(largest.peerToPeer)
        let matrix = ServingMatrix(peer)
        let peerMap = HeatMap(id: "served-pp", model: .peerToPeer, matrix: matrix).svg()
        var parts = ""
        if matrix.isGrouped {
            let caption =
                "<b class=\"pp\">Peer-to-peer</b>. Receivers in tenths by the order in which they finished. A column "
                + "adds up to 100%: what its receivers got, by who sent it."
            parts += "<figure>\(peerMap)<figcaption>\(caption)</figcaption></figure>\n"
            parts +=
                "<figure>\(SharingHistogram(figures: peer).svg())<figcaption>How much each receiver gave. The source "
                + "sent \(Quantity.copiesInWords(peer.run.sourceCopies)).</figcaption></figure>\n"
        } else {
            let client = ServingMatrix(RunFigures(largest.clientServer))
            let map = HeatMap(id: "served-cs", model: .clientServer, matrix: client).svg()
            parts += "<figure>\(map)<figcaption>\(Self.caption(client, .clientServer))</figcaption></figure>\n"
            parts += "<figure>\(peerMap)<figcaption>\(Self.caption(matrix, .peerToPeer))</figcaption></figure>\n"
        }
        let levels = (1...8).map { "<i class=\"q\($0)\"></i>" }.joined()
        let whose = matrix.isGrouped ? "of what the column received" : "of the file"
        let note =
            "A row is who sent, a column who received. <span class=\"levels\">0% \(levels) 100%</span> \(whose), "
            + "faint shades finer than strong ones."
        return """
            <section>
            <h2>Who served whom</h2>
            <p class="note">\(note)</p>
            <div class="pair">
            \(parts)</div>
            </section>
            """
    }

    private static func caption(_ matrix: ServingMatrix, _ model: DeliveryModel) -> String {
        let receivers = matrix.rows.indices.filter { matrix.rows[$0].role == .receiver }
        let serving = receivers.count { row in matrix.bytes[row].contains { $0 > 0 } }
        let name = model == .clientServer ? "Client/server" : "Peer-to-peer"
        let words = Escaped.prose("\(Quantity.count(serving)) of \(Quantity.counted(receivers.count, "receiver"))")
        return "<b class=\"\(model.style)\">\(name)</b>: \(words) served others."
    }

    private func figure(_ caption: String, _ picture: String) -> String {
        """
        <figure class="main">
        <div>\(picture)</div>
        <figcaption><p>\(Escaped.prose(caption))</p></figcaption>
        </figure>

        """
    }

    private func series(_ figures: RunFigures) -> ProgressPlot.Series {
        let finished = figures.duration != nil
        let counts = "\(Quantity.count(figures.finishedReceivers)) of \(Quantity.count(figures.receivers))"
        let end = finished ? figures.run.receivers.compactMap(\.finished).max() ?? 0 : figures.end
        return ProgressPlot.Series(
            model: figures.run.model,
            curves: figures.run.receivers.map { .received($0, size: figures.run.size) },
            label: "\(figures.run.model.words): \(finished ? "all" : counts) have it after \(Quantity.time(end))",
            end: end)
    }

    private func plot(_ id: String, _ title: String, _ series: [ProgressPlot.Series], _ end: Double) -> String {
        let size = Double(verdict.largest?.peerToPeer.size ?? 0)
        return PlotSize.both { width in
            ProgressPlot(id: id, title: title, series: series, time: end, bytes: size, size: width).svg()
        }
    }

    private func sending(_ figures: RunFigures) -> String {
        let end = figures.end
        let indices = figures.run.hosts.indices.filter { figures.run.hosts[$0].role == .receiver }
        let curves = indices.map { HostCurve.sent(figures.run.hosts[$0], total: figures.sent[$0], end: end) }
        let most = indices.map { figures.sent[$0] }.max() ?? 0
        let label = "peer-to-peer: at most \(Quantity.size(most))"
        let series = ProgressPlot.Series(model: .peerToPeer, curves: curves, label: label, end: end)
        let picture = PlotSize.both { width in
            ProgressPlot(
                id: "sent", title: "Bytes sent over time, peer-to-peer", series: [series], time: end,
                bytes: Double(max(1, Self.roundedUp(most, toHalves: figures.run.size))), size: width
            ).svg()
        }
        return figure("Sent by each receiver to others meanwhile, peer-to-peer.", picture)
    }

    /// To a whole number of halves of the file, so that gridlines are at something.
    private static func roundedUp(_ bytes: Int64, toHalves size: Int64) -> Int64 {
        let half = max(1, size / 2)
        return (bytes + half - 1) / half * half
    }

    private func hostPlots(_ figures: RunFigures) -> String {
        """
        <p class="note">Each host by peer-to-peer, all on the same scales, time from left to right: \
        <b class="pp">received</b> filled, <b>sent</b> as a plain line. The thin line across is the whole file.</p>
        <div class="cells">
        \(HostPlots(figures: figures).html())</div>

        """
    }
}
