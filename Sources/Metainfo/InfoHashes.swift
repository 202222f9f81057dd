/// All names of one torrent: the v1 info-hash, the v2 info-hash, or both for a hybrid (BEP 3, BEP 52). Never none.
public struct InfoHashes: Hashable, Sendable {
    public let v1: InfoHashV1?
    public let v2: InfoHashV2?

    /// Nil if both are nil.
    public init?(v1: InfoHashV1?, v2: InfoHashV2?) {
        guard v1 != nil || v2 != nil else { return nil }
        self.v1 = v1
        self.v2 = v2
    }

    /// Hashes the exact bytes of an info dictionary as its format demands.
    public init(hashing info: [UInt8], format: TorrentFormat) {
        v1 = format.hasV1 ? InfoHashV1(hashing: info) : nil
        v2 = format.hasV2 ? InfoHashV2(hashing: info) : nil
    }

    /// What handshakes, trackers and discovery carry: one name, or two for a hybrid, v1 first.
    public var wireHashes: [WireInfoHash] {
        [v1?.wire, v2?.truncated].compactMap { $0 }
    }

    /// Whether an info dictionary has every hash that is known here.
    public func match(infoBytes: [UInt8]) -> Bool {
        if let v1, InfoHashV1(hashing: infoBytes) != v1 { return false }
        if let v2, InfoHashV2(hashing: infoBytes) != v2 { return false }
        return true
    }
}
