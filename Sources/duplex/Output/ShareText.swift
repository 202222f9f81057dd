import Metainfo

/// The live line of `share`: peers, rates, what has gone out.
struct ShareText {
    private let peers: Int
    private let down: Int64
    private let up: Int64
    private let sent: Int64

    init(_ statuses: [TransferSnapshot]) {
        peers = statuses.reduce(0) { $0 + $1.peers }
        down = statuses.reduce(0) { $0 &+ $1.downRate }
        up = statuses.reduce(0) { $0 &+ $1.upRate }
        sent = statuses.reduce(0) { $0 &+ $1.uploaded }
    }

    /// Worth a line where each line stays.
    var isActive: Bool { peers > 0 || up > 0 }

    var line: String {
        let rates = "↑ \(ByteCount.rate(up))" + (down > 0 ? "  ↓ \(ByteCount.rate(down))" : "")
        return "\(ByteCount.counted(peers, "peer"))  \(rates)  \(ByteCount.size(sent)) sent  (Ctrl-C stops)"
    }
}
