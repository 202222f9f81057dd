/// What a host that runs lastingly is started with.
public struct HostSettings: Sendable, Equatable {
    /// What it is called on the network.
    public var name: String
    /// Where it takes connections.
    public var listen: ListenPreference
    /// Hosts to ask that multicast does not reach, as `HOST:PORT`.
    public var hosts: [String]
    /// Those of them that go by a name, which ``HostService/seekNamedHosts(_:)`` looks up, as `HOST:PORT`.
    public var hostNames: [String] = []
    /// Whether it finds others, and lets itself be found, by multicast.
    public var discovery: Bool
    /// Where it answers browsers.
    public var web = WebPreference.off
    /// Where its owner's page is; on this computer only.
    public var owner = WebPreference.off
    /// What it takes from those who use its pages.
    public var webLimits = WebLimits()
    /// How much they may put into inboxes.
    public var uploads = UploadLimits()
    /// Who may read its metrics.
    public var metrics = MetricsPlace.web
    /// Its shares' folders are watched though it does not last.
    public var watchesShares = false
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
}
