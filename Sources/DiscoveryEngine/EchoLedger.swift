/// What this host sent to groups a moment ago and will hear itself.
///
/// The sender's address does not tell: other programs on this computer, another Duplex among them, send from the same
/// one. So own datagrams are known by their bytes. A question may well be asked by two in the same words, therefore each
/// one that was sent is passed over once for each link; what names own records is always an echo.
struct EchoLedger: Sendable {
    private static let memory = Duration.seconds(2)
    private static let maximumCount = 256

    private struct Entry {
        let bytes: [UInt8]
        let link: LinkID
        let expires: Duration
        let isQuestion: Bool
    }

    private var entries: [Entry] = []

    mutating func sent(_ bytes: [UInt8], on link: LinkID, isQuestion: Bool, now: Duration) {
        entries.removeAll { $0.expires <= now }
        if entries.count >= Self.maximumCount { entries.removeFirst() }
        entries.append(Entry(bytes: bytes, link: link, expires: now + Self.memory, isQuestion: isQuestion))
    }

    mutating func isEcho(_ datagram: ReceivedDatagram, now: Duration) -> Bool {
        let match = entries.firstIndex {
            $0.expires > now && (!$0.isQuestion || $0.link == datagram.link) && $0.bytes == datagram.bytes
        }
        guard let match else { return false }
        if entries[match].isQuestion { entries.remove(at: match) }
        return true
    }
}
