import Metainfo

/// A range of one layer of a v2 file's tree, as messages 21 to 23 name it (BEP 52).
///
/// From the wire each number is any unsigned 32-bit value; whether the range exists is for the engine to judge.
public struct HashRequest: Hashable, Sendable {
    /// Most hashes that one `hashes` message may be about; libtorrent has the same limit.
    public static let maximumLength = 8192

    /// The file's `pieces root`.
    public var root: MerkleHash
    /// Counted up from the leaves, which are layer 0.
    public var baseLayer: Int
    /// First hash of the range, counted in nodes of the base layer.
    public var index: Int
    /// Hashes in the range, a power of two.
    public var length: Int
    /// Layers above the base layer for which a proof is wanted, counted with those inside the range.
    public var proofLayers: Int

    public init(root: MerkleHash, baseLayer: Int, index: Int, length: Int, proofLayers: Int) {
        self.root = root
        self.baseLayer = baseLayer
        self.index = index
        self.length = length
        self.proofLayers = proofLayers
    }

    /// How many hashes an answer holds: the range itself and one uncle for each proof layer above the range's own
    /// subtree. Nil when the length is not a power of two from 2 to ``maximumLength``, or the proof is taller than any
    /// tree.
    public var hashCount: Int? {
        guard (2...Self.maximumLength).contains(length), length & (length - 1) == 0,
            (0...64).contains(proofLayers)
        else { return nil }
        return length + max(0, proofLayers - (length.trailingZeroBitCount - 1))
    }
}
