import Metainfo

/// How many bytes may be on their way from disk to one peer's socket.
///
/// What is in a socket goes before everything that is said later: requests, announcements, a choke. So only as much is
/// handed over as leaves within a few hundredths of a second. On a fast link that is much, and what is read and written
/// together costs less; on a slow one, or one that many peers share, a block or two.
struct UploadWindow {
    private(set) var bytes = 4 * PieceLayout.blockLength
    /// When the batches that are on their way were handed out.
    private var handed: [Instant] = []

    private static let minimum = 2 * PieceLayout.blockLength
    private static let quick = TimeSpan.milliseconds(8)
    private static let slow = TimeSpan.milliseconds(25)

    mutating func handedOut(now: Instant) { handed.append(now) }

    /// A batch has left.
    mutating func left(now: Instant, limit: Int) {
        guard !handed.isEmpty else { return }
        let time = now - handed.removeFirst()
        if time < Self.quick {
            bytes = min(bytes * 2, limit)
        } else if time > Self.slow {
            bytes = max(bytes / 2, Self.minimum)
        }
        bytes = max(bytes, PieceLayout.blockLength)
    }
}
