/// A small picture a host: what it received and what it sent over time, all on the same scales.
struct HostPlots {
    let figures: RunFigures

    private let width = 150.0
    private let height = 64.0

    func html() -> String {
        let end = max(figures.end, 1e-6)
        let most = Double((figures.received + figures.sent + [figures.run.size]).max() ?? 1)
        let across = Scale(0...end, from: 0, to: width)
        let up = Scale(0...max(most, 1), from: height - 1, to: 3)
        return figures.run.hosts.indices.map { cell($0, end: end, across, up) }.joined()
    }

    private func cell(_ index: Int, end: Double, _ across: Scale, _ up: Scale) -> String {
        let host = figures.run.hosts[index]
        var drawing = Drawing(width: width, height: height)
        let whole = up(Double(figures.run.size))
        drawing.line(0, whole, width, whole, "grid")
        if host.role == .receiver || figures.received[index] > 0 {
            var points = HostCurve.received(host, size: figures.run.size).thinned(to: 40)
            if let last = points.last { points.append((end, last.bytes)) }
            let edge = points.map { (x: across($0.time), y: up($0.bytes)) }
            let base = [(x: width, y: up(0)), (x: edge.first?.x ?? 0, y: up(0))]
            drawing.path(edge + base, "area \(figures.run.model.style)", closed: true)
            drawing.path(edge, "thin solid \(figures.run.model.style)")
        }
        let sent = HostCurve.sent(host, total: figures.sent[index], end: end).thinned(to: 40)
        drawing.path(sent.map { (across($0.time), up($0.bytes)) }, "sent")
        drawing.line(0, height - 1, width, height - 1, "axis")
        let copies = Quantity.copiesInWords(figures.copies(sentBy: index))
        let word =
            switch host.role {
            case .source: host.name == "source" ? "" : " · source"
            case .dedicated: host.name == "dedicated" ? "" : " · dedicated"
            case .receiver: ""
            }
        let done = host.role == .receiver && host.finished == nil ? ", never finished" : ""
        let picture = drawing.svg(
            id: "host-\(index)", title: host.name,
            description: "Received \(Quantity.size(figures.received[index])), sent "
                + "\(Quantity.size(figures.sent[index]))\(done).")
        return "<div class=\"cell\">\(picture)<p><b>\(Escaped.html(host.name))</b>\(word)<br>"
            + "sent \(copies)\(done)</p></div>\n"
    }
}
