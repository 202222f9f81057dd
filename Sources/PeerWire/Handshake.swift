import Metainfo
import NIOCore

/// The 68 bytes that open a connection in either direction (BEP 3).
public struct Handshake: Hashable, Sendable {
    /// Bytes on the wire: 68.
    public static let length = 68
    /// Bytes up to the end of the info-hash: 48, what a listener needs to pick the torrent.
    public static let lengthToInfoHash = 48

    static let protocolHeader: [UInt8] = [19] + Array("BitTorrent protocol".utf8)

    public var reserved: ReservedBits
    /// The v1 info-hash, or the first 20 bytes of the v2 one. In a hybrid the answer may carry the other of the two.
    public var infoHash: WireInfoHash
    public var peerID: PeerID

    public init(reserved: ReservedBits, infoHash: WireInfoHash, peerID: PeerID) {
        self.reserved = reserved
        self.infoHash = infoHash
        self.peerID = peerID
    }

    /// Appends the 68 bytes.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeBytes(Self.protocolHeader)
        buffer.writeInteger(reserved.rawValue)
        buffer.writeBytes(infoHash.bytes)
        buffer.writeBytes(peerID.bytes)
    }
}
