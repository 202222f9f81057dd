/// Another host as the control API shows it.
public struct HostModel: Codable, Sendable, Equatable {
    public var name: String
    /// `HOST:PORT`, the best first.
    public var addresses: [String]
    /// `client`, `server`, `dedicated`; both of the first for one that is both at once.
    public var roles: [HostRole]
    /// Names of what it offers to everybody.
    public var shares: [String]
    /// From 0 (idle) to 1: how busy it says that it is. Null if it does not say.
    public var load: Double?
    /// Seconds since it was last heard of.
    public var seen: Int
    /// Hexadecimal public key; null for one that told none.
    public var key: String?
    /// How it became known: `mdns`, `given`, `told`.
    public var source: String
    /// What is wrong with it, such as that it does not answer.
    public var message: String?
}

public enum HostRole: String, Codable, Sendable, CaseIterable {
    case client, server, dedicated
}

/// A file, a folder or a share in a list of what a host offers.
public struct EntryModel: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case share, folder, file
    }

    public var name: String
    public var kind: Kind
    public var bytes: Int64
    /// RFC 3339 in UTC; null if unknown.
    public var modified: String?
}

/// A list that ends after so many rows and says so.
public struct ListModel<Row: Codable & Sendable>: Codable, Sendable {
    public var rows: [Row]
    /// Whether there is more than these.
    public var truncated: Bool

    public init(rows: [Row], truncated: Bool = false) {
        self.rows = rows
        self.truncated = truncated
    }

    /// The first rows, as many as a list may have.
    init(limiting rows: some Collection<Row>) {
        self.init(rows: Array(rows.prefix(ListLimit.rows)), truncated: rows.count > ListLimit.rows)
    }
}

public enum ListLimit {
    public static let rows = 2000
}
