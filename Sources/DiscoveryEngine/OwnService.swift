import DiscoveryWire

/// A service that is offered, under the name that it could get.
struct OwnService: Sendable {
    /// Tells it from others whatever its name becomes.
    let number: Int
    let type: DomainName
    var registration: ServiceRegistration
    var claim: Claim

    var name: DomainName { LocalName.instance(claim.label, of: type) }

    /// SRV and TXT.
    func uniqueRecords(host: DomainName) -> [DNSRecord] {
        let location = ServiceLocation(port: registration.port, target: host)
        return [
            DNSRecord(name: name, timeToLive: OwnRecord.hostTime, cacheFlush: true, data: .service(location)),
            DNSRecord(name: name, timeToLive: OwnRecord.otherTime, cacheFlush: true, data: .text(registration.txt)),
        ]
    }

    /// The pointers to it.
    func sharedRecords() -> [DNSRecord] {
        let names = [type] + registration.subtypes.prefix(32).compactMap { LocalName.subtype($0, of: type) }
        let pointers = names.map {
            DNSRecord(name: $0, timeToLive: OwnRecord.otherTime, data: .pointer(name))
        }
        let listing = DNSRecord(
            name: LocalName.typeList, timeToLive: OwnRecord.otherTime, data: .pointer(type))
        return pointers + [listing]
    }
}

/// How long own records live (RFC 6762 §10).
enum OwnRecord {
    /// Of records with a host's name in them: 2 minutes.
    static let hostTime: UInt32 = 120
    /// Of all others: 75 minutes.
    static let otherTime: UInt32 = 4500
}
