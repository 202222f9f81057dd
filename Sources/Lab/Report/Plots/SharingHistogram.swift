/// How many receivers sent how many copies of the file.
struct SharingHistogram {
    let figures: RunFigures

    private let width = 360.0
    private let height = 250.0

    func svg() -> String {
        let copies = figures.run.hosts.indices.filter { figures.run.hosts[$0].role == .receiver }
            .map { figures.copies(sentBy: $0) }
        let most = max(copies.max() ?? 0, 0.1)
        let step = Scale.roundStep(most / 24)
        let bins = Int((most / step).rounded(.down)) + 1
        var counts = [Int](repeating: 0, count: bins)
        for value in copies { counts[min(bins - 1, max(0, Int(value / step)))] += 1 }
        let tallest = counts.max() ?? 1

        var drawing = Drawing(width: width, height: height)
        let across = Scale(0...Double(bins) * step, from: 46, to: width - 6)
        let up = Scale(0...Double(max(1, tallest)), from: height - 46, to: 24)
        let grid = Scale.roundStep(Double(tallest) / 3)
        for value in stride(from: 0, through: Double(tallest), by: grid) {
            drawing.line(46, up(value), width - 6, up(value), value == 0 ? "axis" : "grid")
            drawing.text(Quantity.count(Int(value)), 40, up(value) + 4, "small", .end)
        }
        for (bin, count) in counts.enumerated() where count > 0 {
            let x = across(Double(bin) * step)
            drawing.rectangle(
                x, up(Double(count)), across(Double(bin + 1) * step) - x - 1, up(0) - up(Double(count)),
                "bar \(figures.run.model.style)",
                title: "\(Quantity.counted(count, "receiver")) sent \(Quantity.short(Double(bin) * step, decimals: 3)) "
                    + "to \(Quantity.short(Double(bin + 1) * step, decimals: 3)) copies")
        }
        let tick = Scale.roundStep(Double(bins) * step / 6)
        for value in stride(from: 0, through: Double(bins) * step * 1.0001, by: tick) {
            drawing.text(Quantity.short(value, decimals: 2), across(value), height - 28, "small", .middle)
        }
        let middleOfAxis = across(Double(bins) * step / 2)
        drawing.text("copies of the file that a receiver sent", middleOfAxis, height - 8, "small name", .middle)
        drawing.text("receivers", 0, 12, "small name")
        let sorted = copies.sorted()
        let middle = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        return drawing.svg(
            id: "sharing", title: "How much receivers sent",
            description: "Half of the receivers sent \(Quantity.copies(middle)) copies or more; the most that one sent "
                + "is \(Quantity.copies(most)).", style: "matrix")
    }
}
