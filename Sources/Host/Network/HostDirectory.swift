import NIOCore
import PeerWire
import Transport

/// The other hosts on the network: found by discovery, given by the user, or told of by hosts; asked now and then what
/// they offer.
///
/// What discovery says is listed as long as discovery says it. A host known by its address alone is listed when it
/// answers, so nobody can fill the list by telling of hosts that are not there.
///
/// A host's name and key are what it says, and prove nothing: anybody may say the same. They tell hosts apart in lists; what
/// comes from one is believed because a key that is known has signed it (``ShareVersion``), whoever brings it.
actor HostDirectory {
    /// How a host became known.
    enum Source: String, Sendable {
        case mdns, given, told
    }

    struct Known: Sendable {
        let source: Source
        /// The DNS-SD instance, for those that were discovered.
        var instance: String?
        var addresses: [PeerAddress]
        var document: HostDocument? {
            didSet { identity = document.flatMap(HostDirectory.identity) }
        }
        /// What tells it from others, once it has said who it is.
        private(set) var identity: String?
        /// Which address answered.
        var answering: PeerAddress?
        var heard: ContinuousClock.Instant
        var failures = 0
        var nextPoll: ContinuousClock.Instant
        var isPolling = false
        /// It told of a change while it was being asked: the answer may be from before.
        var hasChanged = false
        var message: String?
        var toldBy: String?
        /// How far its clock is ahead, seconds.
        var secondsAhead: Double?
    }

    static let maximumHosts = 1024
    /// Of those that others told of: they leave room for those that this host or its user has found.
    private static let maximumTold = 512
    /// Hosts that are known because they asked, and the mark of those.
    private static let maximumAskers = 256
    private static let maximumAskersOfOne = 4
    static let itself = "itself"

    var known: [String: Known] = [:]
    /// Of addresses that hosts tell of.
    var told = ToldAddresses()
    let ownKey: String
    let eventLoop: any EventLoop
    let hub: EventHub
    /// Rows of documents that are kept of all hosts together.
    let maximumRows: Int
    /// Whether an address is in this computer's own network, as far as that can be told.
    let isNear: @Sendable (PeerAddress) -> Bool
    /// Called when discovery should look again whether a host is there.
    var suspect: @Sendable (_ instance: String) -> Void = { _ in }
    /// Called with each answer: what failed after the one before may succeed now.
    var heard: @Sendable (HostModel, HostDocument) -> Void = { _, _ in }
    var ownAddresses: @Sendable () -> [PeerAddress] = { [] }
    /// Whether others are told of this host.
    var isVisible = false
    var listed: [String: HostModel] = [:]
    /// What discovery says is told together: somebody may make it say a lot.
    var hasChanges = false
    /// When the list was told last.
    var lastTold: ContinuousClock.Instant?
    private var polling: Task<Void, Never>?

    init(
        ownKey: String, eventLoop: any EventLoop, hub: EventHub, maximumRows: Int = 100_000,
        isNear: @escaping @Sendable (PeerAddress) -> Bool = {
            $0.isPrivate || $0.isLinkLocal || NetworkInterface.isOnLink($0)
        }
    ) {
        self.ownKey = ownKey
        self.eventLoop = eventLoop
        self.hub = hub
        self.maximumRows = maximumRows
        self.isNear = isNear
    }

    func start(
        suspect: @escaping @Sendable (String) -> Void,
        heard: @escaping @Sendable (HostModel, HostDocument) -> Void,
        ownAddresses: @escaping @Sendable () -> [PeerAddress], isVisible: Bool
    ) {
        self.isVisible = isVisible
        self.suspect = suspect
        self.heard = heard
        self.ownAddresses = ownAddresses
        polling = Task { [weak self] in
            while !Task.isCancelled, await self?.pollThoseDue() != nil {
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    func stop() {
        polling?.cancel()
    }

    // MARK: What becomes known

    func found(instance: String, addresses: [PeerAddress]) {
        let id = "mdns:\(instance)"
        guard known[id] != nil || known.count < Self.maximumHosts else { return }
        var host = known[id] ?? Known(source: .mdns, instance: instance, addresses: [], heard: .now, nextPoll: .now)
        host.addresses = addresses
        host.heard = .now
        host.nextPoll = .now
        host.hasChanged = host.isPolling
        known[id] = host
        hasChanges = true
    }

    func lost(instance: String) {
        known["mdns:\(instance)"] = nil
        hasChanges = true
    }

    /// Discovery has ended: what it said is not known any more.
    func forgetDiscovered() {
        known = known.filter { $0.value.source != .mdns }
        tellChanges()
    }

    func given(_ address: PeerAddress) {
        add(address, as: .given, toldBy: nil)
    }

    /// A host asked this one: where nothing else tells of it, it is asked in turn.
    func asked(by address: PeerAddress) {
        let isKnown = known.values.contains { host in
            host.answering == address || host.addresses.contains { $0.withZone(nil) == address.withZone(nil) }
        }
        guard !isKnown, !address.isLoopback else { return }
        let askers = known.values.filter { $0.toldBy == Self.itself }
        let neighbour = address.withPort(0)
        guard askers.count < Self.maximumAskers,
            askers.count(where: { $0.addresses.first?.withPort(0) == neighbour }) < Self.maximumAskersOfOne
        else { return }
        add(address, as: .told, toldBy: Self.itself)
    }

    func forget(_ address: PeerAddress) {
        known["address:\(address)"] = nil
        tellChanges()
    }

    func add(_ address: PeerAddress, as source: Source, toldBy: String?) {
        let id = "address:\(address)"
        guard known[id] == nil, known.count < Self.maximumHosts else { return }
        guard source != .told || hasRoomForTold else { return }
        known[id] = Known(
            source: source, instance: nil, addresses: [address], heard: .now, nextPoll: .now, toldBy: toldBy)
    }

    var hasRoomForTold: Bool {
        known.count < Self.maximumHosts && known.values.count { $0.source == .told } < Self.maximumTold
    }
}
