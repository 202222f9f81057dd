import DiscoveryEngine
import PeerWire

/// What discovery sends to the groups of multicast DNS on one interface and hears there, over both families.
public struct DiscoveryHearing: Sendable, Equatable {
    /// The interface's name.
    public var interface: String
    /// The groups that are joined there.
    public var groups: [String] = []
    public var sent = 0
    /// Datagrams of this computer that came back, those of other programs on it too.
    public var heardOwn = 0
    /// Datagrams of others.
    public var heard = 0
    /// Different other hosts that were heard in the last ten minutes.
    public var recentHosts = 0
    /// How long ago the last of others was heard; nil if there was none.
    public var lastHeard: Duration?
    /// Why the last datagram could not be sent.
    public var failure: String?
}

/// Counts what goes to a group and comes from it on one link.
struct LinkTally {
    private static let recent = Duration.seconds(600)
    /// More neighbours than that are not told apart.
    private static let maximumSenders = 1024

    private var sent = 0
    private var heardOwn = 0
    private var heard = 0
    private var failure: String?
    private var senders: [PeerAddress: Duration] = [:]
    private var lastHeard: Duration?

    mutating func sent(_ failure: String?) {
        self.failure = failure
        if failure == nil { sent += 1 }
    }

    mutating func heardOwnDatagram() {
        heardOwn += 1
    }

    mutating func heard(from sender: PeerAddress, now: Duration) {
        heard += 1
        lastHeard = now
        if senders[sender] == nil, senders.count >= Self.maximumSenders {
            senders = senders.filter { now - $0.value < Self.recent }
            guard senders.count < Self.maximumSenders else { return }
        }
        senders[sender] = now
    }

    /// Adds this to what was seen on the other link of the interface. A host has an address of each family.
    func add(to hearing: inout DiscoveryHearing, now: Duration) {
        hearing.sent += sent
        hearing.heardOwn += heardOwn
        hearing.heard += heard
        hearing.recentHosts = max(hearing.recentHosts, senders.values.count { now - $0 < Self.recent })
        hearing.lastHeard = [hearing.lastHeard, lastHeard.map { now - $0 }].compactMap(\.self).min()
        hearing.failure = hearing.failure ?? failure
    }
}
