/// Two columns: what, and its value. The values are escaped here.
enum TableText {
    static func lines(_ rows: [(label: String, text: String)], terminal: Terminal) -> [String] {
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { row in
            let padding = String(repeating: " ", count: width - row.label.count)
            return terminal.bold(row.label + padding) + "  " + VisibleText.escaped(row.text)
        }
    }
}
