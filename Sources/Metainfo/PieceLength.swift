/// The rules for piece lengths.
public enum PieceLength {
    /// The smallest length that BEP 52 allows, one block.
    public static let minimumV2 = PieceLayout.blockLength
    /// The largest length accepted when reading: 512 MiB.
    public static let maximum = 512 << 20
    /// The most pieces a torrent may have, the limit libtorrent has too.
    public static let maximumPieceCount = 1 << 21

    /// The length to use for a new torrent.
    ///
    /// The smallest power of two that makes at most 1024 pieces, but at least 16 KiB and at most 16 MiB: small enough
    /// that a piece is soon complete and can be passed on, large enough that hashes and `have` messages stay few. Only
    /// beyond 32 TiB does it grow further, so that ``maximumPieceCount`` is kept. 1 GiB gives 1 MiB.
    public static func suggested(forTotal total: Int64) -> Int {
        var length = minimumV2
        while length < 16 << 20, total > Int64(length) * 1024 { length *= 2 }
        while length < maximum, total > Int64(length) * Int64(maximumPieceCount) { length *= 2 }
        return length
    }

    /// Checks a length: positive and at most ``maximum``; for v2 and hybrid a power of two of at least 16 KiB (BEP 52).
    public static func validate(_ length: Int64, format: TorrentFormat) throws(MetainfoError) {
        guard length > 0, length <= Int64(maximum) else { throw .invalidPieceLength(length) }
        if format.hasV2, length < Int64(minimumV2) || length & (length - 1) != 0 {
            throw .invalidPieceLength(length)
        }
    }
}
