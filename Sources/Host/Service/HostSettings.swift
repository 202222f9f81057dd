/// What a host that runs lastingly is started with.
public struct HostSettings: Sendable, Equatable {
    /// What it is called on the network.
    public var name: String
    /// Where it takes connections.
    public var listen: ListenPreference
    /// Hosts to ask that multicast does not reach, as `HOST:PORT`.
    public var hosts: [String]
    /// Whether it finds others, and lets itself be found, by multicast.
    public var discovery: Bool
    /// Where it answers browsers.
    public var web = WebPreference.off
    /// Where its owner's page is; on this computer only.
    public var owner = WebPreference.off
    /// The most bytes of one file that visitors may put into an inbox.
    public var inboxLimit = Self.usualInboxLimit
    /// Bytes that stay free on the disk, however much visitors bring.
    public var inboxReserve = Self.usualInboxReserve
    /// Who may read its metrics.
    public var metrics = MetricsPlace.web
    /// It looks for others and tells nobody of itself.
    public var isQuiet = false
    /// The settings file and the settings as they are written, to show them to the owner.
    public var file: String?
    public var described: [SettingModel] = []

    public init(name: String, listen: ListenPreference = .automatic, hosts: [String] = [], discovery: Bool = true) {
        self.name = name
        self.listen = listen
        self.hosts = hosts
        self.discovery = discovery
    }

    public static let usualInboxLimit: Int64 = 10 << 30
    public static let usualInboxReserve: Int64 = 1 << 30

    var uploadLimits: UploadLimits {
        var limits = UploadLimits()
        limits.file = inboxLimit
        limits.reserve = inboxReserve
        return limits
    }
}
