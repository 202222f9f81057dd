import DiscoveryEngine
import PeerWire
import Transport

/// What discovery has to do with the rest of a host.
extension HostService {
    func startDiscovery() async {
        guard network == nil else { return }
        do {
            let discovery = try await NetworkDiscovery.start(
                eventLoop: eventLoop, hostLabel: "duplex-\(identity.hexadecimal.prefix(8))")
            guard network == nil, !isStopping else { return await discovery.stop() }
            network = NetworkPresence(
                discovery: discovery, name: name, key: identity.hexadecimal,
                port: host.listenAddresses.first?.port ?? 0,
                isVisible: isVisible, webPort: webVisiblePort
            ) { [weak self] event in await self?.heard(event) }
            await publish()
        } catch {
            note("cannot find other hosts by multicast, \(error), `duplex doctor` may say why", about: "discovery")
        }
    }

    func stopDiscovery() async {
        await network?.stop()
        network = nil
        await directory.forgetDiscovered()
    }

    /// A host that only this computer reaches is not announced to others.
    var isVisible: Bool {
        !settings.isQuiet && !host.listenAddresses.isEmpty
            && (!host.listenAddresses.allSatisfy(\.isLoopback) || isListeningEverywhere)
    }

    /// Pages that only this computer reaches are not announced to others.
    private var webVisiblePort: UInt16? {
        guard let web, !web.addresses.allSatisfy({ $0.contains("//127.") || $0.contains("//[::1]") }) else {
            return nil
        }
        return web.port
    }

    private var isListeningEverywhere: Bool {
        switch settings.listen {
        case .automatic: true
        case .address(let host, _): host == "::" || host == "0.0.0.0"
        }
    }

    private func heard(_ event: DiscoveryEvent) async {
        switch event {
        case .found(let service), .changed(let service):
            guard service.type == NetworkPresence.type else { return }
            await directory.found(instance: service.instance, addresses: service.addresses)
        case .lost(let instance, let type):
            guard type == NetworkPresence.type else { return }
            await directory.lost(instance: instance)
        case .renamed(let type, let name):
            guard type == NetworkPresence.type else { return }
            await renamed(to: name)
        case .peer(let hash, let address):
            host.heard(of: address, for: hash)
        case .trouble(let text):
            note(text, about: "discovery: \(text)")
        }
    }
}
