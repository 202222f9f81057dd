import Bencode
import Crypto

/// A signed value that changes: what a key says now, under a name of its own (BEP 44, mutable items).
///
/// Duplex uses it for the versions of a share: whoever knows the key cannot be told of a version that the owner did not
/// sign, nor of an old one in place of a new one.
public struct MutableItem: Sendable, Equatable {
    /// Longest salt, bytes.
    public static let maximumSaltLength = 64
    /// Longest value, bytes of bencoding.
    public static let maximumValueLength = 1000

    /// Ed25519 public key, 32 bytes.
    public let key: [UInt8]
    public let salt: [UInt8]
    /// Grows with every change.
    public let sequence: Int64
    public let value: BencodeValue
    /// Ed25519, 64 bytes.
    public let signature: [UInt8]

    /// Signs a value.
    ///
    /// - Throws: ``MetainfoError`` if the salt or the value is too long.
    public init(
        _ value: BencodeValue, sequence: Int64, salt: [UInt8], key: Curve25519.Signing.PrivateKey
    ) throws(MetainfoError) {
        let message = try Self.message(value, sequence: sequence, salt: salt)
        guard let signature = try? key.signature(for: message) else { throw .invalid("sig") }
        self.key = Array(key.publicKey.rawRepresentation)
        self.salt = salt
        self.sequence = sequence
        self.value = value
        self.signature = Array(signature)
    }

    /// Takes over a value that somebody signed, if the signature is right.
    ///
    /// - Throws: ``MetainfoError`` if it is not, or if a part is longer than it may be.
    public init(
        verifying value: BencodeValue, sequence: Int64, salt: [UInt8], key: [UInt8], signature: [UInt8]
    ) throws(MetainfoError) {
        let message = try Self.message(value, sequence: sequence, salt: salt)
        guard let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key),
            publicKey.isValidSignature(signature, for: message)
        else { throw .invalid("sig") }
        self.key = key
        self.salt = salt
        self.sequence = sequence
        self.value = value
        self.signature = signature
    }

    /// Reads an item and checks its signature.
    public init(decoding bytes: [UInt8]) throws(MetainfoError) {
        try self.init(bytes, isVerified: true)
    }

    /// Reads an item that this program signed and kept where nobody else writes.
    public init(decodingOwn bytes: [UInt8]) throws(MetainfoError) {
        try self.init(bytes, isVerified: false)
    }

    private init(_ bytes: [UInt8], isVerified: Bool) throws(MetainfoError) {
        guard let top = (try? BencodeDecoder(mode: .strict).decode(bytes))?.dictionary else { throw .notDictionary }
        guard let key = top["k"]?.bytes else { throw .missing("k") }
        guard let sequence = top["seq"]?.integer, sequence >= 0 else { throw .missing("seq") }
        guard let signature = top["sig"]?.bytes else { throw .missing("sig") }
        guard let value = top["v"] else { throw .missing("v") }
        let salt = top["salt"]?.bytes ?? []
        guard isVerified else {
            self.init(unverified: value, sequence: sequence, salt: salt, key: key, signature: signature)
            return
        }
        try self.init(verifying: value, sequence: sequence, salt: salt, key: key, signature: signature)
    }

    private init(unverified value: BencodeValue, sequence: Int64, salt: [UInt8], key: [UInt8], signature: [UInt8]) {
        self.key = key
        self.salt = salt
        self.sequence = sequence
        self.value = value
        self.signature = signature
    }

    public func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("k", .string(key))
        if !salt.isEmpty { dictionary.set("salt", .string(salt)) }
        dictionary.set("seq", .integer(sequence))
        dictionary.set("sig", .string(signature))
        dictionary.set("v", value)
        return BencodeValue.dictionary(dictionary).encoded()
    }

    /// What is signed: the members as they stand in a bencoded dictionary, without the dictionary.
    private static func message(
        _ value: BencodeValue, sequence: Int64, salt: [UInt8]
    ) throws(MetainfoError) -> [UInt8] {
        let encoded = value.encoded()
        guard salt.count <= maximumSaltLength else { throw .tooLarge("salt") }
        guard encoded.count <= maximumValueLength else { throw .tooLarge("v") }
        var message: [UInt8] = []
        if !salt.isEmpty {
            message += Array("4:salt".utf8)
            BencodeValue.encode(salt, into: &message)
        }
        return message + Array("3:seqi\(sequence)e1:v".utf8) + encoded
    }
}
