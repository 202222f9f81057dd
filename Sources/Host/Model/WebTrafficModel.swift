/// What goes by HTTP between this host and visitors of its pages, or web servers.
public struct WebTrafficModel: Codable, Sendable, Equatable {
    /// Bytes a second now, to them and from them.
    public var up: Int64 = 0
    public var down: Int64 = 0
    /// Payload bytes since the start; also those of partners that are forgotten.
    public var uploaded: Int64 = 0
    public var downloaded: Int64 = 0
    /// Downloads and uploads that are under way.
    public var transfers = 0
    /// The latest first, at most 200.
    public var partners: [WebPartnerModel] = []
}

/// Somebody who uses this host's pages, with a browser or any other program; or a web server.
public struct WebPartnerModel: Codable, Sendable, Equatable {
    /// An IP address; of a web server its host and port.
    public var address: String
    /// Bytes a second now, to it and from it.
    public var up: Int64
    public var down: Int64
    /// Payload bytes since it was first seen.
    public var uploaded: Int64
    public var downloaded: Int64
}
