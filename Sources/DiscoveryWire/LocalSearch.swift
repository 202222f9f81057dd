import Metainfo

/// A datagram of local service discovery (BEP 14): its sender has these torrents and takes peers at this port.
public struct LocalSearch: Hashable, Sendable {
    /// Most bytes that are sent.
    public static let maximumSentLength = 1400
    /// Most bytes that are read.
    public static let maximumLength = 9000
    /// Most info-hashes that are kept of one datagram; as many as fit into the longest one that is sent.
    public static let maximumHashes = 32
    /// Longest cookie that is kept.
    public static let maximumCookieLength = 128

    public static let port: UInt16 = 6771
    public static let ipv4Group = "239.192.152.143"
    public static let ipv6Group = "ff15::efc0:988f"

    /// Where peers are taken; never zero.
    public var port: UInt16
    public var infoHashes: [WireInfoHash]
    /// Opaque; lets a host know its own datagrams.
    public var cookie: String?

    public init(port: UInt16, infoHashes: [WireInfoHash], cookie: String?) {
        self.port = port
        self.infoHashes = infoHashes
        self.cookie = cookie
    }

    /// How many info-hashes fit into a datagram of ``maximumSentLength`` with a cookie of 16 characters.
    public static let hashesPerDatagram = 25

    /// The datagram, addressed to one of the groups.
    public func encoded(ipv6: Bool) -> [UInt8] {
        let host = ipv6 ? "[\(Self.ipv6Group)]" : Self.ipv4Group
        var text = "\(Self.method)\r\nHost: \(host):\(Self.port)\r\nPort: \(port)\r\n"
        for hash in infoHashes { text += "Infohash: \(hash.hex)\r\n" }
        if let cookie { text += "cookie: \(cookie)\r\n" }
        return Array((text + "\r\n\r\n").utf8)
    }

    /// Reads a datagram. Unknown headers and hashes that are not 40 digits are passed over; lines may end in LF alone.
    public init(decoding bytes: [UInt8]) throws(DiscoveryWireError) {
        guard bytes.count <= Self.maximumLength else { throw .datagramTooLong(length: bytes.count) }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), Self.trimmed(first).elementsEqual(Self.method.utf8) else {
            throw .notLocalSearch
        }
        var port: UInt16?
        var hashes: [WireInfoHash] = []
        var cookie: String?
        for line in lines {
            let line = Self.trimmed(line)
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = Self.trimmed(line[(colon + 1)...])
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "port":
                port = UInt16(String(decoding: value.prefix(6), as: UTF8.self))
            case "infohash":
                guard hashes.count < Self.maximumHashes, value.count == 2 * WireInfoHash.byteCount,
                    let hash = WireInfoHash(hex: String(decoding: value, as: UTF8.self)), !hashes.contains(hash)
                else { continue }
                hashes.append(hash)
            case "cookie":
                guard value.count <= Self.maximumCookieLength else { continue }
                cookie = String(decoding: value, as: UTF8.self)
            default:
                continue
            }
        }
        guard let port, port != 0 else { throw .badHeader("Port") }
        guard !hashes.isEmpty else { throw .badHeader("Infohash") }
        self.init(port: port, infoHashes: hashes, cookie: cookie)
    }

    private static let method = "BT-SEARCH * HTTP/1.1"

    /// Without spaces, tabs and carriage returns at both ends.
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return start[start.startIndex..<end]
    }
}
