#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An IP address with the number of leading bits that its network has: 4 or 16 bytes.
struct IPPrefix: Sendable, Hashable, CustomStringConvertible {
    let bytes: [UInt8]
    let length: Int

    init(bytes: [UInt8], length: Int) {
        self.bytes = bytes
        self.length = min(max(length, 0), bytes.count * 8)
    }

    /// Reads `ADDRESS`, `ADDRESS/LENGTH` or `ADDRESS/MASK`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = Self.address(String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(bytes: bytes, length: bytes.count * 8)
            return
        }
        if let length = Int(parts[1]), (0...bytes.count * 8).contains(length) {
            self.init(bytes: bytes, length: length)
        } else if let mask = Self.address(String(parts[1])), mask.count == bytes.count {
            self.init(bytes: bytes, length: Self.length(ofMask: mask))
        } else {
            return nil
        }
    }

    var isIPv6: Bool { bytes.count == 16 }

    var isLinkLocal: Bool {
        isIPv6 ? bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 : bytes[0] == 169 && bytes[1] == 254
    }

    /// The address alone.
    var address: String {
        var buffer = [CChar](repeating: 0, count: 64)
        guard inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var description: String { length == bytes.count * 8 ? address : "\(address)/\(length)" }

    /// Every address of the other network is in this one.
    func contains(_ other: IPPrefix) -> Bool {
        guard bytes.count == other.bytes.count, length <= other.length else { return false }
        return sharesBits(length, with: other)
    }

    /// Some addresses are in both networks.
    func overlaps(_ other: IPPrefix) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        return sharesBits(min(length, other.length), with: other)
    }

    static func length(ofMask mask: [UInt8]) -> Int {
        var length = 0
        for byte in mask {
            length += (~byte).leadingZeroBitCount
            if byte != 0xFF { break }
        }
        return length
    }

    private func sharesBits(_ count: Int, with other: IPPrefix) -> Bool {
        let whole = count / 8
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        let rest = count % 8
        return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0
    }

    private static func address(_ text: String) -> [UInt8]? {
        let plain = text.prefix { $0 != "%" }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, String(plain), &bytes) == 1 { return Array(bytes[..<4]) }
        return inet_pton(AF_INET6, String(plain), &bytes) == 1 ? bytes : nil
    }
}
