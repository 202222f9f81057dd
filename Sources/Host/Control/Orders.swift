import FoundationEssentials
import Metainfo

/// What to share, as the control API takes it.
public struct ShareOrder: Codable, Sendable {
    /// Absolute.
    public var path: String
    public var name: String?
    public var scope: ShareScope?
    /// `hybrid`, `v1` or `v2`.
    public var format: String?
    /// Bytes.
    public var pieceLength: Int?
    /// The bytes of a .torrent file, base64, whose content is at the path.
    public var torrent: String?
    /// Whether visitors of this host's pages may put files into it; such a share is public.
    public var inbox: Bool?

    public init(path: String) {
        self.path = path
    }

    func request() throws -> ShareKeeper.Request {
        guard path.hasPrefix("/") else {
            throw ShareError(kind: .invalid, description: "the path must be absolute, not '\(path)'")
        }
        guard let format = TorrentFormat(rawValue: format ?? TorrentFormat.hybrid.rawValue) else {
            throw ShareError(kind: .invalid, description: "the format is hybrid, v1 or v2")
        }
        var known: Torrent?
        if let torrent {
            guard let data = Data(base64Encoded: torrent) else {
                throw ShareError(kind: .invalid, description: "the torrent is not base64")
            }
            known = try Torrent(decoding: Array(data))
        }
        let usual: ShareScope = inbox == true ? .public : .link
        return ShareKeeper.Request(
            path: path, name: name, scope: scope ?? usual, format: format, pieceLength: pieceLength, torrent: known,
            isInbox: inbox ?? false)
    }
}

/// A host to ask, by its address.
public struct HostOrder: Codable, Sendable {
    /// `HOST:PORT`
    public var address: String

    public init(address: String) {
        self.address = address
    }
}

/// What a host was started with, as the control API shows it.
public struct SettingsModel: Codable, Sendable, Equatable {
    public var name: String
    public var listen: String
    public var hosts: [String]
    public var discovery: Bool
    /// Where browsers find this host's pages: `http://HOST:PORT`.
    public var web: [String]
    /// Where its owner's page is; null if there is none.
    public var owner: String?
    /// Who may read `/metrics`: `web`, `owner` or `off`.
    public var metrics: String
    /// The folder into which the owner's page fetches.
    public var downloads: String
    /// The most bytes of one file that visitors may put into an inbox.
    public var inboxLimit: Int64
    /// Bytes that stay free on the disk, however much they bring.
    public var inboxReserve: Int64
    /// The settings file; null for a host that has none.
    public var file: String?
    /// Each setting as it is written, and where it comes from.
    public var settings: [SettingModel]

    init(_ settings: HostSettings, web: [String], owner: String?) {
        self.web = web
        self.owner = owner
        file = settings.file
        self.settings = settings.described
        metrics = settings.metrics.rawValue
        downloads = DownloadFolder.path
        inboxLimit = settings.uploads.file
        inboxReserve = settings.uploads.reserve
        name = settings.name
        listen = settings.listen.description
        hosts = settings.hosts
        discovery = settings.discovery
    }
}

/// One setting as it is, for people who want to change it.
public struct SettingModel: Codable, Sendable, Equatable {
    public var name: String
    /// As it is written in the settings file.
    public var value: String
    /// `flag`, `environment`, `file` or `default`.
    public var origin: String
    /// What it is when nobody says anything.
    public var standard: String
    /// The environment variable.
    public var variable: String
    public var explanation: String

    public init(
        name: String, value: String, origin: String, standard: String, variable: String, explanation: String
    ) {
        self.name = name
        self.value = value
        self.origin = origin
        self.standard = standard
        self.variable = variable
        self.explanation = explanation
    }
}
