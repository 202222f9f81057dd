/// The comparisons as lines for a terminal, at most 100 columns wide.
public enum LabTable {
    /// Two lines of heads and one line a count, columns to the right; no lines for no comparisons.
    public static func lines(_ comparisons: [Comparison]) -> [String] {
        guard !comparisons.isEmpty else { return [] }
        let rows = heads + comparisons.map(row)
        let widths = heads[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }
    }

    private static let heads = [
        ["", "client/", "", "peer-to-", "", "", "faster", "source", "from"],
        ["hosts", "server", "bound", "peer", "bound", "efficiency", "by", "copies", "peers"],
    ]

    private static func row(_ comparison: Comparison) -> [String] {
        let client = RunFigures(comparison.clientServer)
        let peer = RunFigures(comparison.peerToPeer)
        return [
            Quantity.count(comparison.receivers),
            client.duration.map(Quantity.seconds) ?? Quantity.never,
            Quantity.seconds(client.run.bound),
            peer.duration.map(Quantity.seconds) ?? Quantity.never,
            Quantity.seconds(peer.run.bound),
            peer.efficiency.map(Quantity.percent) ?? "-",
            comparison.fasterBy.map { Quantity.factor($0) + "x" } ?? "-",
            Quantity.copies(peer.run.sourceCopies),
            Quantity.percent(peer.fromReceivers),
        ]
    }
}
