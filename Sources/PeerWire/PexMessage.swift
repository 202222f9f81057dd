import Bencode

/// Peers that the sender gained and lost since its last such message (BEP 11, `ut_pex`).
///
/// Addresses that no peer can have (port 0, unspecified, multicast, broadcast) are left out on reading, and no more than
/// ``maximumPeers`` of each kind are kept.
public struct PexMessage: Hashable, Sendable {
    /// What the sender says about a peer.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let prefersEncryption = Flags(rawValue: 0x01)
        public static let uploadOnly = Flags(rawValue: 0x02)
        public static let utp = Flags(rawValue: 0x04)
        public static let holepunch = Flags(rawValue: 0x08)
        public static let reachable = Flags(rawValue: 0x10)
    }

    /// A gained peer.
    public struct Peer: Hashable, Sendable {
        public var address: PeerAddress
        public var flags: Flags

        public init(address: PeerAddress, flags: Flags = []) {
            self.address = address
            self.flags = flags
        }
    }

    /// Most peers kept of either list. BEP 11 has 50 a message, more in the first one.
    public static let maximumPeers = 200

    public var added: [Peer]
    public var dropped: [PeerAddress]

    public init(added: [Peer] = [], dropped: [PeerAddress] = []) {
        self.added = added
        self.dropped = dropped
    }
}

extension PexMessage {
    private static let decoder = BencodeDecoder(
        mode: .lenient, limits: .init(maximumDepth: 8, maximumNodes: 256, maximumBytes: 65536))

    /// Nil when the bytes are not a bencoded dictionary; a list that is not whole addresses counts as empty.
    public init?(decoding bytes: [UInt8]) {
        guard let dictionary = (try? Self.decoder.decodePrefix(bytes))?.value.dictionary else { return nil }
        func addresses(_ key: String, ipv6: Bool) -> [PeerAddress] {
            PeerAddress.decodeCompactList(dictionary[key]?.bytes ?? [], ipv6: ipv6) ?? []
        }
        func peers(_ key: String, ipv6: Bool) -> [Peer] {
            let list = addresses(key, ipv6: ipv6)
            let flags = dictionary[key + ".f"]?.bytes ?? []
            return list.enumerated().map { offset, address in
                let known = flags.count == list.count ? Flags(rawValue: flags[offset]) : []
                return Peer(address: address, flags: known)
            }
        }
        let added = peers("added", ipv6: false) + peers("added6", ipv6: true)
        let dropped = addresses("dropped", ipv6: false) + addresses("dropped6", ipv6: true)
        self.init(
            added: Array(added.lazy.filter { $0.address.isUsablePeer }.prefix(Self.maximumPeers)),
            dropped: Array(dropped.lazy.filter { $0.isUsablePeer }.prefix(Self.maximumPeers)))
    }

    /// The bencoded dictionary, flags always included: libtorrent ignores added peers without them.
    func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        for ipv6 in [false, true] {
            let suffix = ipv6 ? "6" : ""
            let gained = added.filter { $0.address.isIPv6 == ipv6 }
            let lost = dropped.filter { $0.isIPv6 == ipv6 }
            dictionary.set("added" + suffix, .string(gained.flatMap(\.address.compact)))
            dictionary.set("added\(suffix).f", .string(gained.map(\.flags.rawValue)))
            dictionary.set("dropped" + suffix, .string(lost.flatMap(\.compact)))
        }
        return BencodeValue.dictionary(dictionary).encoded()
    }
}
