/// The 20 bytes by which a peer names itself in the handshake (BEP 3, BEP 20).
///
/// A claim, never an identity: anyone may send any bytes.
public struct PeerID: Hashable, Sendable {
    /// Number of bytes: 20.
    public static let length = 20
    /// What our own ids begin with (BEP 20: client `DX`, version 0.1.0.0).
    public static let clientPrefix = "-DX0100-"

    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// Nil unless there are exactly 20 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
        for (offset, byte) in bytes.enumerated() {
            switch offset {
            case 0..<8: words.0 = words.0 << 8 | UInt64(byte)
            case 8..<16: words.1 = words.1 << 8 | UInt64(byte)
            default: words.2 = words.2 << 8 | UInt32(byte)
            }
        }
        (first, second, third) = words
    }

    private init(first: UInt64, second: UInt64, third: UInt32) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// A new id of ours: ``clientPrefix`` and 12 random bytes. Use one for each torrent.
    public static func make(using generator: inout some RandomNumberGenerator) -> PeerID {
        let prefix = clientPrefix.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return PeerID(first: prefix, second: generator.next(), third: generator.next())
    }

    /// The 20 bytes in wire order.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.length) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: first.bigEndian, toByteOffset: 0, as: UInt64.self)
            raw.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
            raw.storeBytes(of: third.bigEndian, toByteOffset: 16, as: UInt32.self)
            count = Self.length
        }
    }
}

extension PeerID: CustomStringConvertible {
    /// Printable ASCII as it is, any other byte as `\xNN`.
    public var description: String {
        bytes.reduce(into: "") { text, byte in
            if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
    }
}
