import DiscoveryEngine
import DiscoveryWire
import Metainfo
import NIOCore
import PeerWire
import Synchronization
import Transport

/// This host on the network, and the network for this host: says what it is and that its offers have changed, and hears
/// of others.
final class NetworkPresence: Sendable {
    static let type = "_duplex._tcp"

    private struct State {
        var name: String
        var revision = ""
        var hashes: [WireInfoHash] = []
    }

    private let discovery: NetworkDiscovery
    private let port: UInt16
    private let key: String
    /// Where browsers find pages.
    private let webPort: UInt16?
    /// Whether others are told of this host at all.
    private let isVisible: Bool
    private let state: Mutex<State>
    private let reading: Task<Void, Never>

    /// - Parameter port: where this host takes connections; 0 for one that nobody is to hear of.
    init(
        discovery: NetworkDiscovery, name: String, key: String, port: UInt16, isVisible: Bool, webPort: UInt16?,
        heard: @escaping @Sendable (DiscoveryEvent) async -> Void
    ) {
        self.discovery = discovery
        self.port = port
        self.key = key
        self.webPort = webPort
        self.isVisible = isVisible
        state = Mutex(State(name: name))
        let events = discovery.events
        reading = Task {
            for await event in events { await heard(event) }
        }
        discovery.browse([Self.type])
    }

    /// Says what is offered now.
    ///
    /// - Parameters:
    ///   - hashes: of torrents that anybody may find by BEP 14.
    ///   - revision: another text after each change of what the host's document says.
    func offer(hashes: [WireInfoHash], revision: String) {
        let (isOther, areOther) = state.withLock { state in
            defer {
                state.revision = revision
                state.hashes = hashes
            }
            return (state.revision != revision, Set(state.hashes) != Set(hashes))
        }
        if isOther { register() }
        if areOther, isVisible { discovery.announce(hashes, port: port) }
    }

    func rename(to name: String) {
        state.withLock { $0.name = name }
        register()
    }

    private func register() {
        guard isVisible else { return }
        let (name, revision) = state.withLock { ($0.name, $0.revision) }
        let txt = TextRecord(["txtvers": "1", "key": String(key.prefix(16)), "rev": revision])
        var services = [ServiceRegistration(instance: name, type: Self.type, port: port, txt: txt)]
        if let webPort {
            let path = TextRecord(["path": "/"])
            services.append(ServiceRegistration(instance: name, type: "_http._tcp", port: webPort, txt: path))
        }
        discovery.register(services)
    }

    func reconfirm(_ instance: String) {
        discovery.reconfirm(instance: instance, type: Self.type)
    }

    /// What is sent and heard on each interface.
    var hearing: [DiscoveryHearing] {
        get async { await discovery.hearing }
    }

    /// Says goodbye.
    func stop() async {
        await discovery.stop()
        reading.cancel()
    }
}
