import Lab

/// The `result` object of `--json`: one count of receivers, both models. Seconds; null for what did not end.
enum LabResult {
    static func json(_ comparison: Comparison) -> JSONValue {
        let (clientServer, peerToPeer) = (comparison.clientServer, comparison.peerToPeer)
        return [
            "event": "result", "hosts": JSONValue(comparison.receivers), "clientServer": number(clientServer.duration),
            "peerToPeer": number(peerToPeer.duration), "clientServerBound": number(clientServer.bound),
            "peerToPeerBound": number(peerToPeer.bound), "sourceCopies": number(peerToPeer.sourceCopies),
            "p99": number(peerToPeer.percentile(0.99)),
        ]
    }

    /// Three decimals: no clock here is more exact than that.
    private static func number(_ value: Double?) -> JSONValue {
        value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null
    }
}
