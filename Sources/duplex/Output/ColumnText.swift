/// Rows of a list with their columns below each other.
enum ColumnText {
    /// Cells must be escaped. The last column is not padded.
    static func lines(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? VisibleText.width($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - VisibleText.width(cell))
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// The end of a list that has more rows than are listed.
enum ListEnd {
    static func remark(_ isTruncated: Bool, on console: Console) {
        guard isTruncated else { return }
        console.warn("There is more; the list ends after 2000 rows.")
    }
}
