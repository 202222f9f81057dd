import Metainfo
import PeerWire
import Storage
import Transport

/// A share into which anybody may put files.
struct Inbox: Sendable, Equatable {
    /// Of the share; it stays when the share gets another name.
    let shareID: String
    /// What the share is called.
    let name: String
    /// Of its folder; absolute.
    let path: String
    /// Files that the share has, as far as they have been hashed.
    var fileCount = 0

    var folder: InboxFolder { InboxFolder(path: path) }
}

/// Who sends, as far as that can be told: an IPv4 address, or the network of 2⁶⁴ addresses that an IPv6 user has.
struct UploadSender: Sendable, Hashable, Codable {
    let network: String

    init(_ origin: RequestOrigin) {
        switch origin {
        case .local: network = "local"
        case .network(let address) where address.isIPv6 && !address.isLinkLocal:
            network = Hexadecimal.encode(address.ipBytes.prefix(8))
        case .network(let address): network = Hexadecimal.encode(address.ipBytes)
        }
    }
}

/// An upload that can be resumed, as it is remembered over restarts.
struct UploadRecord: Codable, Sendable {
    var id: String
    var shareID: String
    /// Below the share's folder.
    var place: [String]
    var length: Int64
    var sender: UploadSender
    /// So many bytes are safe on the disk.
    var synchronized: Int64
    /// Seconds since 1970.
    var lastUsed: Int64
}
