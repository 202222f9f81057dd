#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks all on each network which services they have (DNS-SD, RFC 6763 section 9) and listens: to the group, where this
/// computer's own question must arrive too, and for answers that come straight back (RFC 6762 section 5.4).
struct MulticastProbe {
    private static let listening: Duration = .milliseconds(900)
    private static let port: UInt16 = 5353

    private var facts: [MulticastFacts.Interface] = []
    private var others: [Set<[UInt8]>] = []
    private let links: [NetworkLink]
    private let own: Set<[UInt8]>

    static func run(_ links: [NetworkLink], _ system: SystemAccess) throws(LookFailure) -> MulticastFacts {
        let own = try system.addresses().values.flatMap(\.addresses).map(\.bytes)
        var probe = MulticastProbe(links: links, own: Set(own))
        return try probe.run()
    }

    private init(links: [NetworkLink], own: Set<[UInt8]>) {
        self.links = links
        self.own = own
        facts = links.map { MulticastFacts.Interface(name: $0.name) }
        others = links.map { _ in [] }
    }

    private mutating func run() throws(LookFailure) -> MulticastFacts {
        var sockets: [MulticastSocket] = []
        defer { for socket in sockets { close(socket.descriptor) } }
        var failures: [String] = []
        for isIPv6 in [false, true] {
            let indices = links.indices.filter { index in links[index].addresses.contains { $0.isIPv6 == isIPv6 } }
            guard !indices.isEmpty else { continue }
            do throws(LookFailure) {
                let group = try MulticastSocket.open(isIPv6: isIPv6, port: Self.port)
                sockets.append(group)
                for index in indices where group.join(links[index].index) {
                    facts[index].groups.append(group.groupText)
                }
            } catch {
                failures.append(error.reason)
                continue
            }
            for index in indices {
                let sender = try MulticastSocket.open(isIPv6: isIPv6, port: 0, link: index)
                sockets.append(sender)
                send(by: sender, link: index)
            }
        }
        let listeningFailure = sockets.isEmpty ? failures.first : nil
        if listeningFailure == nil { listen(sockets) }
        for index in facts.indices {
            // A host has an address of each family.
            facts[index].otherHosts = max(others[index].count { $0.count == 4 }, others[index].count { $0.count == 16 })
        }
        return MulticastFacts(interfaces: facts, listeningFailure: listeningFailure)
    }

    private mutating func send(by socket: MulticastSocket, link: Int) {
        let code = socket.send(Self.question, by: links[link].index, port: Self.port)
        if code == 0 {
            facts[link].sent += 1
        } else if code != EADDRNOTAVAIL, facts[link].sendingFailure == nil {
            // That code means: the card came up a moment ago, and whether its address is unique is still being asked.
            facts[link].sendingFailure = SystemError.text(code)
        }
    }

    private mutating func listen(_ sockets: [MulticastSocket]) {
        let senders = Set(sockets.filter { $0.link != nil }.map(\.localPort))
        let deadline = ContinuousClock.now + Self.listening
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return }
            var waits = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            let milliseconds = Int32(clamping: left.components.attoseconds / 1_000_000_000_000_000)
            guard poll(&waits, nfds_t(waits.count), max(1, milliseconds)) > 0 else { continue }
            for (socket, wait) in zip(sockets, waits) where wait.revents != 0 {
                guard let packet = socket.receive(),
                    let link = socket.link ?? links.firstIndex(where: { $0.index == packet.interface })
                else { continue }
                note(packet, link: link, senders: senders)
            }
        }
    }

    private mutating func note(_ packet: MulticastSocket.Packet, link: Int, senders: Set<UInt16>) {
        if !own.contains(packet.source) {
            facts[link].heard += 1
            others[link].insert(packet.source)
        } else if senders.contains(packet.sourcePort) {
            facts[link].heardOwn += 1
        }
    }

    /// Asks for the kinds of services (PTR) and for answers straight back (QU).
    private static let question: [UInt8] = {
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in ["_services", "_dns-sd", "_udp", "local"] {
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        return bytes + [0, 0, 12, 0x80, 1]
    }()
}
