/// Extensions of BEP 10 that we speak, with the ids that we ask peers to use towards us.
public enum ExtensionID: UInt8, CaseIterable, Sendable {
    /// The extended handshake itself; the same in both directions.
    case handshake = 0
    /// BEP 9.
    case metadata = 1
    /// BEP 11.
    case pex = 2
    /// BEP 54.
    case dontHave = 3
    /// libtorrent's run-time form of BEP 21.
    case uploadOnly = 4
}

/// Ids by which one side wants to receive extended messages: its `m` dictionary (BEP 10).
///
/// Nil: not mentioned. 0: switched off. Later handshakes are deltas; see ``merge(_:)``.
public struct ExtensionIDs: Hashable, Sendable {
    /// `ut_metadata`
    public var metadata: UInt8?
    /// `ut_pex`
    public var pex: UInt8?
    /// `lt_donthave`
    public var dontHave: UInt8?
    /// `upload_only`
    public var uploadOnly: UInt8?

    public init(metadata: UInt8? = nil, pex: UInt8? = nil, dontHave: UInt8? = nil, uploadOnly: UInt8? = nil) {
        self.metadata = metadata
        self.pex = pex
        self.dontHave = dontHave
        self.uploadOnly = uploadOnly
    }

    /// Nothing that can be sent, apart from the handshake.
    public static let none = ExtensionIDs()
    /// Everything that we can receive. Leave out ``pex`` in private torrents.
    public static let ours = ExtensionIDs(
        metadata: ExtensionID.metadata.rawValue, pex: ExtensionID.pex.rawValue,
        dontHave: ExtensionID.dontHave.rawValue, uploadOnly: ExtensionID.uploadOnly.rawValue)

    /// The id to send with, nil when the other side does not want such messages.
    public func id(for extension: ExtensionID) -> UInt8? {
        let wanted: UInt8?
        switch `extension` {
        case .handshake: return 0
        case .metadata: wanted = metadata
        case .pex: wanted = pex
        case .dontHave: wanted = dontHave
        case .uploadOnly: wanted = uploadOnly
        }
        return wanted == 0 ? nil : wanted
    }

    /// Applies a later handshake: what it mentions replaces what was, the rest stays.
    public mutating func merge(_ newer: ExtensionIDs) {
        metadata = newer.metadata ?? metadata
        pex = newer.pex ?? pex
        dontHave = newer.dontHave ?? dontHave
        uploadOnly = newer.uploadOnly ?? uploadOnly
    }
}
