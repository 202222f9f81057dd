/// This host as a whole, in both of its roles.
public struct StatusModel: Codable, Sendable, Equatable {
    public var name: String
    /// Hexadecimal public key.
    public var key: String
    public var version: String
    public var listen: [String]
    public var roles: [HostRole]
    /// Seconds since the host was started.
    public var uptime: Int
    public var asClient: RoleTotals
    public var asServer: RoleTotals
    public var shares: Int
    public var hosts: Int
    public var transfers: [TransferModel]
    public var truncated: Bool
    /// What does not work, in words, such as that discovery is blocked.
    public var troubles: [String]
    /// The same and more as numbers: the table of metrics.
    public var figures: [FigureModel] = []
    /// What visitors of its pages get and bring; part of what goes through this host as a server.
    public var web = WebTrafficModel()
    /// What commands of this user fetch from web servers themselves; part of what goes through it as a client.
    public var downloads = WebTrafficModel()
}

/// What goes through a host in one role.
public struct RoleTotals: Codable, Sendable, Equatable {
    /// Bytes a second now.
    public var rate: Int64
    /// Payload bytes since the start.
    public var bytes: Int64
    /// Transfers that are active in this role.
    public var transfers: Int
    /// Hosts at the other end.
    public var partners: Int
}

/// What happens in a host, for those who listen to its stream of events.
public enum HostEvent: Sendable, Equatable {
    case share(ShareModel)
    case shareRemoved(name: String)
    case transfer(TransferModel)
    case transferRemoved(id: String)
    case transferDone(TransferDone)
    case notice(NoticeModel)
    case hostFound(HostModel)
    case hostGone(name: String)
    case status(StatusModel)
}

public struct TransferDone: Codable, Sendable, Equatable {
    public var id: String
    /// Where the result is.
    public var path: String
    public var bytes: Int64
    public var seconds: Double
    /// Payload bytes that came over the network for it.
    public var downloaded: Int64
    /// Payload bytes that came from another folder of this host.
    public var copied: Int64
    public var version: Int64
    /// Bytes of the version that are not here as they were fetched: their user has changed or deleted them since.
    public var missing: Int64
    /// Files that the user had changed, and what they are called now.
    public var kept: [KeptFile]
    /// Files of the version before that this one has no more and that are gone from here, below the result: the first
    /// ``maximumRemoved`` of them, and how many there are.
    public var removed: [String]
    public var removedCount: Int

    public static let maximumRemoved = 100

    public init(
        id: String = "", path: String, bytes: Int64, seconds: Double, downloaded: Int64, copied: Int64 = 0,
        version: Int64 = 0, missing: Int64 = 0, kept: [KeptFile] = [], removed: [String] = []
    ) {
        self.id = id
        self.path = path
        self.bytes = bytes
        self.seconds = seconds
        self.downloaded = downloaded
        self.copied = copied
        self.version = version
        self.missing = missing
        self.kept = kept
        self.removed = Array(removed.prefix(Self.maximumRemoved))
        removedCount = removed.count
    }
}

public struct KeptFile: Codable, Sendable, Equatable {
    public var path: String
    /// The same as the path where the version has no file of that name any more.
    public var keptAs: String

    /// What its user is told.
    public var text: String {
        path == keptAs
            ? "you had changed \(path), which the share has no more; yours stays"
            : "you had changed \(path); yours is kept as \(keptAs)"
    }
}

public struct NoticeModel: Codable, Sendable, Equatable {
    /// The transfer or share that it is about.
    public var transfer: String?
    public var share: String?
    public var message: String
}
