import Crypto
import Metainfo
import PeerWire

/// The pieces that a choked peer may ask for all the same, computed from its address (BEP 6). IPv4 only.
enum AllowedFastSet {
    static func pieces(
        count: Int, pieceCount: Int, address: PeerAddress, hash: WireInfoHash
    ) -> [PieceIndex] {
        guard let ip = address.ipv4, pieceCount > 0 else { return [] }
        let wanted = min(count, pieceCount)
        var seed: [UInt8] =
            [
                UInt8(truncatingIfNeeded: ip >> 24), UInt8(truncatingIfNeeded: ip >> 16),
                UInt8(truncatingIfNeeded: ip >> 8), 0,
            ] + hash.bytes
        var chosen: [PieceIndex] = []
        // Small torrents repeat indices; the round limit keeps a full set from being waited for without end.
        for _ in 0..<64 where chosen.count < wanted {
            seed = Array(Insecure.SHA1.hash(data: seed))
            for start in stride(from: 0, to: 20, by: 4) where chosen.count < wanted {
                let word = seed[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                let piece = PieceIndex(Int(word % UInt32(clamping: pieceCount)))
                if !chosen.contains(piece) { chosen.append(piece) }
            }
        }
        return chosen
    }
}
