import DiscoveryWire
import PeerWire

/// Questions that somebody else asks: what this host is about to ask need not be asked again (RFC 6762 §7.3).
extension Browser {
    /// A question whose known answers go on in further datagrams.
    struct Overheard: Sendable {
        let source: PeerAddress
        let link: LinkID
        let expires: Duration
        var keys: [RecordCache.Key]
    }

    private static let maximumQuestions = 128
    private static let maximumOverheard = 32
    /// As long as responders wait for more known answers (§7.2), and some to spare.
    private static let patience = Duration.seconds(1)
    /// What was to be asked for again within that time has been.
    private static let coveredTime = Duration.seconds(1)

    mutating func heard(
        question message: DNSMessage, from datagram: ReceivedDatagram, network: Network, now: Duration,
        isOwn: (DomainName) -> Bool
    ) {
        let link = datagram.link
        guard datagram.isMulticast, datagram.source.port == multicastDNSPort, message.authorities.isEmpty,
            let cache = caches[link.interface]
        else { return }
        var keys: [RecordCache.Key] = []
        if message.questions.isEmpty {
            let index = overheard.firstIndex { $0.source == datagram.source && $0.link == link && $0.expires > now }
            guard let index else { return }
            keys = overheard.remove(at: index).keys
        } else {
            keys = message.questions.prefix(Self.maximumQuestions).filter { !$0.unicastReply }
                .map { RecordCache.Key(name: $0.name, type: $0.type) }
                .filter { cache.entries[$0] != nil || asks[link.interface]?[$0] != nil }
        }
        // What the other knows and this host does not would not be told.
        keys.removeAll { key in
            let question = DNSQuestion(name: key.name, type: key.type)
            return !message.answers.allSatisfy { answer in
                if case .pointer(let instance) = answer.data, isOwn(instance) { return true }
                return !question.isAnswered(by: answer) || cache.entries[key]?[answer.data] != nil
            }
        }
        guard !keys.isEmpty else { return }
        if message.isTruncated {
            overheard.removeAll { $0.expires <= now || $0.source == datagram.source && $0.link == link }
            guard overheard.count < Self.maximumOverheard else { return }
            overheard.append(
                Overheard(source: datagram.source, link: link, expires: now + Self.patience, keys: keys))
        } else {
            for key in keys { cover(key, on: link, network: network, now: now) }
        }
    }

    private mutating func cover(_ key: RecordCache.Key, on link: LinkID, network: Network, now: Duration) {
        let families = network.interfaces[link.interface]?.families ?? []
        asks[link.interface]?[key]?.heard(on: link.family, of: families, now: now, generator: &generator)
        caches[link.interface]?.asked(key, by: now + Self.coveredTime, isOwn: false)
    }
}
