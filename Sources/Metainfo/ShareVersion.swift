import Bencode
import Crypto

/// One version of a share, as its owner signs it: the torrent that the share is now (after BEP 46).
///
/// `ih` is the info-hash of BEP 46 (20 bytes); `ih2` and `n` are Duplex's own: the whole v2 info-hash, and the share's
/// name.
public struct ShareVersion: Sendable, Equatable {
    public let name: String
    public let hashes: InfoHashes
    /// 1 for the first version.
    public let number: Int64
    /// What tells this share from the others of the same owner, whatever it is called.
    public let share: [UInt8]
    /// The owner's key.
    public let key: [UInt8]
    /// As it goes over the wire.
    public let item: MutableItem

    /// Signs a version.
    public init(
        name: String, hashes: InfoHashes, number: Int64, share: [UInt8], key: Curve25519.Signing.PrivateKey
    ) throws(MetainfoError) {
        var value = BencodeDictionary()
        if let wire = hashes.wireHashes.first { value.set("ih", .string(wire.bytes)) }
        if let v2 = hashes.v2 { value.set("ih2", .string(v2.bytes)) }
        value.set("n", .text(name))
        try self.init(MutableItem(.dictionary(value), sequence: number, salt: share, key: key))
    }

    /// Reads a version and checks its signature.
    public init(decoding bytes: [UInt8]) throws(MetainfoError) {
        try self.init(MutableItem(decoding: bytes))
    }

    /// Reads a version that this program signed and kept where nobody else writes; its signature is not checked again.
    public init(decodingOwn bytes: [UInt8]) throws(MetainfoError) {
        try self.init(MutableItem(decodingOwn: bytes))
    }

    private init(_ item: MutableItem) throws(MetainfoError) {
        guard let value = item.value.dictionary else { throw .notDictionary }
        guard let name = value["n"]?.text else { throw .missing("n") }
        let v2 = value["ih2"]?.bytes.flatMap { InfoHashV2($0) }
        // Passed over, it would turn the beginning of a v2 info-hash into one of v1.
        guard (value["ih2"] == nil) == (v2 == nil) else { throw .invalid("ih2") }
        let wire = value["ih"]?.bytes.flatMap { WireInfoHash($0) }
        // Without `ih2` the 20 bytes are a v1 info-hash; with it they are that, or the beginning of it.
        let v1 = wire == v2?.truncated ? nil : wire.flatMap { InfoHashV1($0.bytes) }
        guard let hashes = InfoHashes(v1: v1, v2: v2) else { throw .missing("ih") }
        self.name = name
        self.hashes = hashes
        number = item.sequence
        share = item.salt
        key = item.key
        self.item = item
    }
}
