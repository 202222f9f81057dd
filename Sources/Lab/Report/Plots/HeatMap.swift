/// Who served whom as a matrix: a row a host that served, a column a host that was served, darker for more.
struct HeatMap {
    let id: String
    let model: DeliveryModel
    let matrix: ServingMatrix

    private let width = 360.0
    private let margin = (left: 72.0, top: 66.0)
    private var cell: Double { min(34, (width - margin.left - 2) / Double(max(1, matrix.columns.count))) }
    /// Square while there are many columns, and no taller than a line of text needs when there are few.
    private var cellHeight: Double { min(cell, matrix.isGrouped ? 24 : 26) }

    func svg() -> String {
        var drawing = Drawing(width: width, height: margin.top + cellHeight * Double(matrix.rows.count) + 2)
        drawing.text("served", margin.left - 8, margin.top - 8, "small name", .end)
        drawing.text("to", margin.left, margin.top - 54, "small name")
        drawLabels(&drawing)
        let gap = cell > 8 ? 1.0 : 0.5
        for (row, line) in matrix.rows.enumerated() {
            for (column, other) in matrix.columns.enumerated() where matrix.isGrouped || line.hosts != other.hosts {
                let x = margin.left + cell * Double(column)
                let y = margin.top + cellHeight * Double(row)
                let part = matrix.parts[row][column]
                drawing.rectangle(
                    x, y, cell - gap, cellHeight - gap, part > 0 ? "q\(Self.level(part)) \(model.style)" : "q0",
                    title: part > 0 ? title(row, column, part) : nil)
                if matrix.isGrouped, part >= 0.005 {
                    let style = Self.level(part) > 5 ? "figure light" : "figure"
                    let text = Quantity.fixed(part * 100, decimals: 0)
                    drawing.text(text, x + (cell - gap) / 2, y + cellHeight / 2 + 3.5, style, .middle)
                }
            }
        }
        return drawing.svg(
            id: id, title: "Who served whom, \(model.words)", description: description, style: "matrix")
    }

    private func drawLabels(_ drawing: inout Drawing) {
        let every = max(1, Int((10 / cellHeight).rounded(.up)))
        for (row, line) in matrix.rows.enumerated() where row % every == 0 {
            let y = margin.top + cellHeight * (Double(row) + 0.5) + 3.5
            drawing.text(Self.shortened(line.label), margin.left - 6, y, "small", .end)
        }
        let everyColumn = max(1, Int((11 / cell).rounded(.up)))
        for (column, line) in matrix.columns.enumerated() where column % everyColumn == 0 {
            let x = margin.left + cell * (Double(column) + 0.5) + 3.5
            drawing.text(Self.shortened(line.label, to: 9), x, margin.top - 6, "small", .start, turned: true)
        }
    }

    private func title(_ row: Int, _ column: Int, _ part: Double) -> String {
        let whose = matrix.isGrouped ? "of what it received" : "of the file"
        return "\(matrix.rows[row].label) to \(matrix.columns[column].label): "
            + "\(Quantity.size(matrix.bytes[row][column])), \(Quantity.percent(part)) \(whose)"
    }

    private var description: String {
        let total = max(1, matrix.bytes.joined().reduce(0) { $0 + Double($1) })
        return matrix.rows.indices.map { row in
            let sent = matrix.bytes[row].reduce(0) { $0 + Double($1) }
            return "\(matrix.rows[row].label) sent \(Quantity.percent(sent / total)) of all bytes"
        }.joined(separator: ", ") + "."
    }

    /// 1...8; small parts are what a swarm is made of, so they get more of the levels.
    static func level(_ part: Double) -> Int {
        min(8, max(1, Int((part.squareRoot() * 8).rounded(.up))))
    }

    private static func shortened(_ name: String, to most: Int = 10) -> String {
        name.count <= most ? name : name.prefix(most - 1) + "…"
    }
}
