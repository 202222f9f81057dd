import Crypto
import Metainfo
import Storage

/// Who a host is, whatever it is called and wherever it is: an Ed25519 key that it made when it first ran.
public struct HostIdentity: Sendable {
    let key: Curve25519.Signing.PrivateKey
    /// It takes the place of one that was damaged.
    var isInstead = false

    private static let record = "key"

    /// The key of a state directory; made and saved (mode 0600) the first time.
    static func load(_ state: StateDirectory) throws(StorageError) -> HostIdentity {
        let records = try RecordFolder(state, kind: "identity")
        if let bytes = try records.load(record), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        {
            return HostIdentity(key: key)
        }
        // A damaged key cannot be had back: those who follow this host's shares keep what they have, and hear of no more.
        var identity = HostIdentity.fresh()
        identity.isInstead = records.setAside(record)
        try records.save(Array(identity.key.rawRepresentation), as: record)
        return identity
    }

    /// One that nobody will remember.
    static func fresh() -> HostIdentity { HostIdentity(key: Curve25519.Signing.PrivateKey()) }

    /// 32 bytes.
    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    var hexadecimal: String { Hexadecimal.encode(publicKey) }
}
