/// A share as the control API shows it.
public struct ShareModel: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// Its content is being hashed; nothing is offered yet.
        case hashing
        case offered
        /// What it was made of is not there now; it is offered again when it returns.
        case missing
        /// It cannot be offered; the message says why.
        case failed
    }

    public var name: String
    /// Absolute.
    public var path: String
    public var scope: ShareScope
    /// Hexadecimal; null for a share without v1, and until it is hashed.
    public var infoHashV1: String?
    public var infoHashV2: String?
    public var bytes: Int64
    public var files: Int
    /// 0 until it is hashed, then 1, then one more with each change.
    public var version: Int64
    public var state: State
    /// What is wrong, or what the user should know.
    public var message: String?
    public var magnet: String?
    /// While it is hashed: bytes done, and in all.
    public var hashed: Int64?
    public var toHash: Int64?
    /// What was left out of it: the first ``OmissionModel/maximumCount`` entries.
    public var omitted: [OmissionModel]?
    /// Whether visitors of this host's pages may put files into it.
    public var inbox: Bool
}

/// Something in a shared folder that is not shared.
public struct OmissionModel: Codable, Sendable, Equatable {
    public var path: String
    /// In words.
    public var reason: String

    /// So many of a share are told.
    public static let maximumCount = 100
}

/// Who may fetch a share. Groups come later; their place is between these two.
public enum ShareScope: String, Codable, Sendable, CaseIterable {
    /// Whoever has the link. Nobody is told of it.
    case link
    /// Anyone who reaches this host. Told to the network.
    case `public`
}
