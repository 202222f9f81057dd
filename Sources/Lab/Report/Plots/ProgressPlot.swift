/// Bytes over time: a line a host, or for many hosts where most of them lie.
struct ProgressPlot {
    struct Series {
        let model: DeliveryModel
        /// Of receivers only; none if there are so many that ``bands`` stand for them.
        let curves: [HostCurve]
        let bands: QuantileBands?
        /// What is written above where it ends, and when that is.
        let label: String
        let end: Double

        init(model: DeliveryModel, curves: [HostCurve], label: String, end: Double) {
            let isMany = curves.count > ProgressPlot.mostCurves
            self.model = model
            self.curves = isMany ? [] : curves
            self.bands = isMany ? QuantileBands(curves, to: end) : nil
            self.label = label
            self.end = end
        }
    }

    /// More curves than this are drawn as bands.
    static let mostCurves = 40

    let id: String
    let title: String
    let series: [Series]
    /// Seconds at the right edge and bytes at the upper one.
    let time: Double
    let bytes: Double
    let size: PlotSize

    private let top = 52.0
    private var left: Double { size == .wide ? 64 : 58 }
    private var right: Double { size.width - 14 }
    private var bottom: Double { height - 34 }
    private var height: Double { size == .wide ? 320 : 290 }

    func svg() -> String {
        var drawing = Drawing(width: size.width, height: height)
        let across = Scale(0...max(time, 1e-6), from: left, to: right)
        let up = Scale(0...max(bytes, 1), from: bottom, to: top)
        drawGrid(&drawing, across, up)
        for one in series {
            if let bands = one.bands { drawBands(bands, one.model, &drawing, across, up) }
            drawCurves(one, &drawing, across, up)
        }
        for (row, one) in series.enumerated() { drawLabel(one, row: row, &drawing, across) }
        let description = series.map { "\($0.model.words): \($0.label)." }.joined(separator: " ")
        return drawing.svg(id: "\(id)-\(size.style)", title: title, description: description, style: size.style)
    }

    private func drawGrid(_ drawing: inout Drawing, _ across: Scale, _ up: Scale) {
        for quarter in 0...4 {
            let value = bytes * Double(quarter) / 4
            let y = up(value)
            drawing.line(left, y, right, y, quarter == 0 ? "axis" : "grid")
            guard quarter % 2 == 0 else { continue }
            let label = quarter == 0 ? "0" : Quantity.size(Int64(value))
            drawing.text(label, left - 8, y + 4, "tick", .end)
        }
        for tick in across.timeTicks(about: size == .wide ? 8 : 4) {
            let x = across(tick.value)
            drawing.line(x, bottom, x, bottom + 5, "axis")
            drawing.text(tick.label, x, bottom + 21, "tick", x > right - 16 ? .end : .middle)
        }
    }

    private func drawCurves(_ one: Series, _ drawing: inout Drawing, _ across: Scale, _ up: Scale) {
        for curve in one.curves {
            let points = curve.thinned(to: size == .wide ? 60 : 36).map { (across($0.time), up($0.bytes)) }
            drawing.path(points, "\(one.curves.count > 6 ? "thin" : "thick") \(one.model.style)")
        }
    }

    private func drawBands(
        _ bands: QuantileBands, _ model: DeliveryModel, _ drawing: inout Drawing, _ across: Scale, _ up: Scale
    ) {
        func edge(_ index: Int) -> [(x: Double, y: Double)] {
            bands.rows.map { (across($0.time), up($0.values[index])) }
        }
        drawing.path(edge(0) + edge(4).reversed(), "area faint \(model.style)", closed: true)
        drawing.path(edge(1) + edge(3).reversed(), "area \(model.style)", closed: true)
        drawing.path(edge(2), "curve \(model.style)")
    }

    /// A hair from the label down to where the curves end.
    private func drawLabel(_ one: Series, row: Int, _ drawing: inout Drawing, _ across: Scale) {
        let x = across(one.end)
        let y = row == 0 ? 14.0 : 34.0
        drawing.line(x, y - 11, x, bottom, "lead \(one.model.style)")
        let isRight = x > (left + right) / 2
        drawing.text(one.label, isRight ? x - 7 : x + 7, y, "label \(one.model.style)", isRight ? .end : .start)
    }
}
