/// The main plot when there is one count of receivers only: a bar a model, its bound, and when each receiver finished.
struct BarPlot {
    let comparison: Comparison
    let size: PlotSize

    private let left = 0.5
    private var right: Double { size.width - 12 }
    private let step = 76.0
    private let thickness = 26.0

    func svg() -> String {
        let runs = [comparison.clientServer, comparison.peerToPeer].map(RunFigures.init)
        var drawing = Drawing(width: size.width, height: step * 2 + 34)
        let longest = runs.flatMap { [$0.duration ?? $0.end * 1.06, $0.run.bound] }.filter(\.isFinite).max() ?? 1
        let scale = Scale(0...max(longest, 1e-6), from: left, to: right)
        for tick in scale.timeTicks(about: size == .wide ? 8 : 4) {
            let x = scale(tick.value)
            drawing.line(x, 8, x, step * 2 + 8, tick.value == 0 ? "axis" : "grid")
            let anchor = tick.value == 0 ? Drawing.Anchor.start : x > right - 20 ? .end : .middle
            drawing.text(tick.label, x, step * 2 + 26, "tick", anchor)
        }
        for (index, figures) in runs.enumerated() {
            draw(figures, at: 10 + step * Double(index), &drawing, scale)
        }
        return drawing.svg(
            id: "bars-\(size.style)", title: "Time until the last receiver has the file",
            description: runs.map(Self.sentence).joined(separator: " "), style: size.style)
    }

    private func draw(_ figures: RunFigures, at top: Double, _ drawing: inout Drawing, _ scale: Scale) {
        let style = figures.run.model.style
        let bar = top + 24
        let end = figures.duration ?? scale.values.upperBound
        let finished = figures.duration != nil
        let said =
            figures.duration.map(Quantity.time)
            ?? "never (\(Quantity.count(figures.finishedReceivers)) of \(Quantity.count(figures.receivers)))"
        drawing.rectangle(scale(0), bar, scale(end) - scale(0), thickness, "bar \(finished ? "" : "open ")\(style)")
        // A white hair where a receiver finished; of very many, evenly chosen ones.
        let times = figures.run.receivers.compactMap { host in host.finished.map { $0 - host.start } }.sorted().thinned(
            to: 120)
        for time in times where finished ? scale(time) < scale(end) - 1 : true {
            drawing.line(scale(time), bar, scale(time), bar + thickness, finished ? "hair" : "curve \(style)")
        }
        if figures.run.bound.isFinite {
            let bound = scale(figures.run.bound)
            drawing.line(bound, bar - 5, bound, bar + thickness + 5, "bound ink")
        }
        drawing.text(
            figures.run.model.words, thenPlain: "\(said) · bound \(Quantity.time(figures.run.bound))", 0, top + 16,
            "label strong \(style)")
    }

    private static func sentence(_ figures: RunFigures) -> String {
        "\(figures.run.model.words): \(figures.duration.map(Quantity.time) ?? "did not finish"),"
            + " bound \(Quantity.time(figures.run.bound))."
    }
}
