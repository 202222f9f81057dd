import DiscoveryWire
import PeerWire

/// Collects the actions of one call, and remembers what goes out as far as it comes back as an echo.
struct Outbox: Sendable {
    /// Bytes of a datagram that fits into an Ethernet frame with IPv6 and UDP headers, and some to spare.
    static let usualLength = 1440

    private(set) var actions: [DiscoveryAction] = []
    var echoes = EchoLedger()

    mutating func multicast(_ bytes: [UInt8], on link: LinkID, isQuestion: Bool = false, now: Duration) {
        echoes.sent(bytes, on: link, isQuestion: isQuestion, now: now)
        actions.append(.send(.multicastDNS, bytes, on: link, to: nil))
    }

    mutating func unicast(_ bytes: [UInt8], on link: LinkID, to address: PeerAddress) {
        actions.append(.send(.multicastDNS, bytes, on: link, to: address))
    }

    mutating func search(_ bytes: [UInt8], on link: LinkID) {
        actions.append(.send(.localSearch, bytes, on: link, to: nil))
    }

    mutating func tell(_ event: DiscoveryEvent) {
        actions.append(.tell(event))
    }

    mutating func drain() -> [DiscoveryAction] {
        defer { actions = [] }
        return actions
    }

    /// A response of all these records, in as many datagrams as it takes.
    mutating func multicast(_ records: [DNSRecord], additional: [DNSRecord] = [], on link: LinkID, now: Duration) {
        for bytes in Self.responses(records, additional: additional) { multicast(bytes, on: link, now: now) }
    }

    /// Additional records only go where there is room for them.
    static func responses(_ records: [DNSRecord], additional: [DNSRecord]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var writer = DNSWriter(isResponse: true, limit: usualLength)
        for record in records where !writer.add(record, to: .answer) {
            if !writer.isEmpty { messages.append(writer.finished()) }
            writer = DNSWriter(isResponse: true, limit: usualLength)
            guard !writer.add(record, to: .answer) else { continue }
            // One record beyond the usual length travels alone.
            writer = DNSWriter(isResponse: true)
            _ = writer.add(record, to: .answer)
        }
        for record in additional { _ = writer.add(record, to: .additional) }
        if !writer.isEmpty { messages.append(writer.finished()) }
        return messages
    }
}
