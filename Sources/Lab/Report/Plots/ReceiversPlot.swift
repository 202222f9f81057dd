/// The main plot: time over number of receivers, a line a model, the bounds dashed.
struct ReceiversPlot {
    let comparisons: [Comparison]
    let size: PlotSize

    private var margin: (left: Double, right: Double, top: Double, bottom: Double) {
        size == .wide ? (64, 134, 40, 50) : (54, 98, 40, 50)
    }
    private var height: Double { size == .wide ? 420 : 360 }

    func svg() -> String {
        var drawing = Drawing(width: size.width, height: height)
        let (horizontal, vertical) = scales()
        drawGrid(&drawing, horizontal, vertical)
        for model in DeliveryModel.allCases { drawModel(model, &drawing, horizontal, vertical) }
        drawLabels(&drawing, horizontal, vertical)
        return drawing.svg(
            id: "receivers-\(size.style)", title: "Time until the last receiver has the file, over number of receivers",
            description: comparisons.map(Self.sentence).joined(separator: " "), style: size.style)
    }

    private static func sentence(_ comparison: Comparison) -> String {
        let times = [comparison.clientServer, comparison.peerToPeer].map { run in
            "\(run.model.words) \(run.duration.map(Quantity.time) ?? "did not finish")"
                + " (bound \(Quantity.time(run.bound)))"
        }
        return "\(Quantity.counted(comparison.receivers, "receiver")): \(times.joined(separator: ", "))."
    }

    private func scales() -> (Scale, Scale) {
        let counts = comparisons.map { Double($0.receivers) }
        let runs = comparisons.flatMap { [$0.clientServer, $0.peerToPeer] }
        let times = runs.flatMap { [$0.duration, $0.bound] }.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
        let (fewest, most) = (max(1, counts.min() ?? 1), max(1, counts.max() ?? 1))
        let (shortest, longest) = (times.min() ?? 1, times.max() ?? 1)
        // Straight lines stay straight when both scales are of one kind; small ranges need no logarithms.
        let isLogarithmic = most / fewest > 32
        let left = margin.left
        let right = size.width - margin.right
        let across = isLogarithmic ? fewest * 0.8...most : 0...most
        let up = isLogarithmic ? shortest * 0.6...longest * 1.1 : 0...longest * 1.04
        return (
            Scale(across, from: left, to: right, isLogarithmic: isLogarithmic),
            Scale(up, from: height - margin.bottom, to: margin.top, isLogarithmic: isLogarithmic)
        )
    }

    private func drawGrid(_ drawing: inout Drawing, _ horizontal: Scale, _ vertical: Scale) {
        for tick in vertical.timeTicks(about: 4) {
            let y = vertical(tick.value)
            drawing.line(margin.left, y, horizontal.end, y, tick.value == 0 ? "axis" : "grid")
            drawing.text(tick.label, margin.left - 8, y + 4, "tick", .end)
        }
        if vertical.isLogarithmic { drawing.line(margin.left, vertical.start, horizontal.end, vertical.start, "axis") }
        // The largest first: it must be there, others as far as there is room.
        var taken: [ClosedRange<Double>] = []
        for comparison in comparisons.reversed() {
            let x = horizontal(Double(comparison.receivers))
            let label = Quantity.count(comparison.receivers)
            let room = 3.6 * Double(label.count) + 2
            guard !taken.contains(where: { $0.overlaps(x - room...x + room) }) else { continue }
            taken.append(x - room...x + room)
            drawing.line(x, vertical.start, x, vertical.start + 5, "axis")
            drawing.text(label, x, vertical.start + 20, "tick", .middle)
        }
        drawing.text("receivers", (margin.left + horizontal.end) / 2, vertical.start + 42, "name", .middle)
        drawing.text("time until the last receiver has it all", 0, 16, "name")
    }

    private func drawModel(
        _ model: DeliveryModel, _ drawing: inout Drawing, _ horizontal: Scale, _ vertical: Scale
    ) {
        let runs = comparisons.map { (x: horizontal(Double($0.receivers)), run: $0.run(model)) }
        drawing.path(runs.filter(\.run.bound.isFinite).map { ($0.x, vertical($0.run.bound)) }, "bound \(model.style)")
        let finished = runs.compactMap { item in item.run.duration.map { (x: item.x, y: vertical($0)) } }
        // A line leads from one count to the next, and not over one that did not finish.
        let pieces = runs.split(omittingEmptySubsequences: true) { $0.run.duration == nil }
        for piece in pieces {
            drawing.path(piece.map { ($0.x, vertical($0.run.duration ?? 0)) }, "curve \(model.style)")
        }
        for point in finished { drawing.circle(point.x, point.y, radius: 4, "dot \(model.style)") }
        for item in runs where item.run.duration == nil {
            // A cross on the upper edge: longer than anything measured.
            drawing.line(item.x - 5, margin.top - 5, item.x + 5, margin.top + 5, "cross \(model.style)")
            drawing.line(item.x - 5, margin.top + 5, item.x + 5, margin.top - 5, "cross \(model.style)")
        }
    }

    private func drawLabels(_ drawing: inout Drawing, _ horizontal: Scale, _ vertical: Scale) {
        guard let last = comparisons.last else { return }
        var places = DeliveryModel.allCases.map { model in
            (model: model, y: last.run(model).duration.map { vertical($0) } ?? margin.top)
        }.sorted { $0.y < $1.y }
        let apart = 62.0
        if places[1].y - places[0].y < apart {
            let middle = min((places[0].y + places[1].y) / 2, vertical.start - apart / 2 - 14)
            places[0].y = middle - apart / 2
            places[1].y = middle + apart / 2
        }
        for place in places {
            let run = last.run(place.model)
            let x = horizontal.end + 14
            drawing.text(place.model.words, x, place.y - 6, "label \(place.model.style)")
            let time = run.duration.map(Quantity.time) ?? "never all"
            drawing.text(time, x, place.y + 12, "label strong \(place.model.style)")
            drawing.text("bound \(Quantity.time(run.bound))", x, place.y + 29, "tick")
        }
    }
}

extension Comparison {
    func run(_ model: DeliveryModel) -> LabRun {
        switch model {
        case .clientServer: clientServer
        case .peerToPeer: peerToPeer
        }
    }
}
