import Metainfo
import NIOCore

/// What ``MessageFramer`` finds in a peer's bytes.
public enum WireItem: Equatable, Sendable {
    case message(PeerMessage)
    /// A `piece` message: the range it claims to be, and its bytes. The buffer shares the storage that was read into,
    /// unless the block straddled two reads.
    case block(BlockRequest, ByteBuffer)
}
