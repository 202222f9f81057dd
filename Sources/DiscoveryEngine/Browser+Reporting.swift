import DiscoveryWire
import PeerWire

/// What is known of each instance on all interfaces, put together.
extension Browser {
    private static let maximumAddresses = 32

    /// Tells what has become of the instances that changed.
    mutating func report(network: Network, isOwn: (DomainName) -> Bool, outbox: inout Outbox) {
        guard !dirty.isEmpty else { return }
        let instances = dirty.sorted { $0.description < $1.description }
        dirty = []
        for instance in instances {
            let service = isOwn(instance) ? nil : assemble(instance, network: network)
            let before = reported.updateValue(service, forKey: instance)
            switch (before, service) {
            case (nil, let service?): outbox.tell(.found(service))
            case (let before?, nil): outbox.tell(.lost(instance: before.instance, type: before.type))
            case (let before?, let service?) where before != service: outbox.tell(.changed(service))
            default: break
            }
        }
    }

    /// Everything that makes a service usable, or nil while some of it is missing.
    private func assemble(_ instance: DomainName, network: Network) -> FoundService? {
        var latest: (location: ServiceLocation, text: TextRecord, received: Duration)?
        var addresses: [PeerAddress] = []
        for (index, interface) in network.interfaces.sorted(by: { $0.key < $1.key }) {
            guard let cache = caches[index], cache.knows(instance: instance),
                let (location, received) = cache.location(of: instance), let text = cache.text(of: instance)
            else { continue }
            let usable = cache.addresses(of: location.target).map { $0.withPort(location.port) }.filter { address in
                address.isUsablePeer && (interface.isLoopback || !address.isLoopback)
            }
            guard !usable.isEmpty else { continue }
            for address in usable {
                let zoned = address.isIPv6 && address.isLinkLocal ? address.withZone(interface.name) : address
                if !addresses.contains(zoned) { addresses.append(zoned) }
            }
            if latest.map({ $0.received < received }) ?? true { latest = (location, text, received) }
        }
        guard let latest, latest.location.port != 0 else { return nil }
        addresses = addresses.filter { $0.port == latest.location.port }
        addresses.sort { ($0.rank, $0.ipText) < ($1.rank, $1.ipText) }
        return FoundService(
            instance: instance.firstLabel, type: LocalName.text(ofType: instance.parent),
            hostName: latest.location.target.description, port: latest.location.port,
            addresses: Array(addresses.prefix(Self.maximumAddresses)), txt: latest.text)
    }
}

extension Dictionary {
    /// Sets or removes a value and returns the one before.
    fileprivate mutating func updateValue(_ value: Value?, forKey key: Key) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}

extension PeerAddress {
    /// Addresses that work beyond the link first, IPv4 before IPv6.
    fileprivate var rank: Int {
        (isLinkLocal || isLoopback ? 2 : 0) + (isIPv6 ? 1 : 0)
    }
}
