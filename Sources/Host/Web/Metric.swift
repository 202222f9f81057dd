/// What a host counts and measures: one table, from which `/metrics`, the owner's page and `duplex status` are fed. Names
/// follow the conventions of Prometheus: base units, `_total` for what only grows.
public struct Metric: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge
    }

    /// What a number counts, as the control API says it.
    enum Unit: String, Sendable, CaseIterable {
        case number, seconds, bytes
        case bytesPerSecond = "bytes per second"
        /// Its labels say something, the number does not.
        case name
    }

    public let name: String
    let kind: Kind
    /// One line for people.
    let help: String
    /// What it is called on the owner's page.
    let title: String
    let unit: Unit
    let samples: @Sendable (Measured) -> [Sample]

    /// One number; labels tell it from the others of its metric.
    struct Sample: Sendable {
        var labels: [LabelModel] = []
        var value: Int64
    }

    /// What the numbers are taken from.
    struct Measured: Sendable {
        var status: StatusModel
        var web = WebFigures()
        /// Swarms that the tracker knows.
        var swarms = 0
    }

    public static let info = Metric(
        "duplex_info", .gauge, "Which Duplex this is.", title: "Version of Duplex", unit: .name
    ) {
        [Sample(labels: [LabelModel(name: "version", value: $0.status.version)], value: 1)]
    }
    public static let uptime = Metric(
        "duplex_uptime_seconds", .gauge, "Seconds since the host was started.", title: "Up for", unit: .seconds
    ) { one($0.status.uptime) }
    public static let shares = Metric(
        "duplex_shares", .gauge, "Shares of this host.", title: "Shares of this host"
    ) { one($0.status.shares) }
    public static let hosts = Metric(
        "duplex_hosts", .gauge, "Other hosts that are known.", title: "Other hosts that are known"
    ) { one($0.status.hosts) }
    public static let transfers = Metric(
        "duplex_transfers", .gauge, "Transfers that run, by role of this host.", title: "Transfers that run"
    ) { roles($0, \.transfers) }
    public static let partners = Metric(
        "duplex_partners", .gauge, "Hosts at the other end, by role of this host.", title: "Hosts at the other end"
    ) { roles($0, \.partners) }
    public static let payload = Metric(
        "duplex_payload_bytes_total", .counter, "Payload of transfers, by role of this host.",
        title: "Transferred since the start", unit: .bytes
    ) { roles($0, \.bytes) }
    public static let rate = Metric(
        "duplex_payload_bytes_per_second", .gauge, "Payload of transfers now, by role of this host.",
        title: "Transferred now", unit: .bytesPerSecond
    ) { roles($0, \.rate) }
    public static let webPayload = Metric(
        "duplex_http_payload_bytes_total", .counter,
        "Payload that visitors of the pages got and brought; part of that as a server.",
        title: "By HTTP since the start", unit: .bytes
    ) { directions($0, \.uploaded, \.downloaded) }
    public static let webRate = Metric(
        "duplex_http_payload_bytes_per_second", .gauge, "Payload that visitors of the pages get and bring now.",
        title: "By HTTP now", unit: .bytesPerSecond
    ) { directions($0, \.up, \.down) }
    public static let visitors = Metric(
        "duplex_http_visitors", .gauge, "Addresses of visitors of the pages that are remembered, at most 200.",
        title: "Visitors of the pages, the latest 200"
    ) { one($0.status.web.partners.count) }
    public static let troubles = Metric(
        "duplex_troubles", .gauge, "What does not work; duplex status says what.", title: "Troubles"
    ) { one($0.status.troubles.count) }
    public static let swarms = Metric(
        "duplex_tracked_swarms", .gauge, "Swarms that this host's tracker knows.",
        title: "Swarms that this host's tracker knows"
    ) { one($0.swarms) }
    public static let responses = Metric(
        "duplex_http_responses_total", .counter, "Answers of the web side, by status.", title: "Answers to browsers"
    ) { measured in
        measured.web.byStatus.map { Sample(labels: [LabelModel(name: "code", value: "\($0.status)")], value: $0.count) }
    }

    /// In the order in which they are shown.
    static let all = [
        info, uptime, shares, hosts, transfers, partners, payload, rate, webPayload, webRate, visitors, troubles,
        swarms,
        responses,
    ]

    private init(
        _ name: String, _ kind: Kind, _ help: String, title: String, unit: Unit = .number,
        _ samples: @escaping @Sendable (Measured) -> [Sample]
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    private static func one(_ value: Int) -> [Sample] { [Sample(value: Int64(value))] }

    private static func directions(
        _ measured: Measured, _ sent: KeyPath<WebTrafficModel, Int64>, _ received: KeyPath<WebTrafficModel, Int64>
    ) -> [Sample] {
        [(FlowDirection.sent, sent), (.received, received)].map { direction, value in
            Sample(
                labels: [LabelModel(name: "direction", value: direction.rawValue)],
                value: measured.status.web[keyPath: value])
        }
    }

    private static func roles<Value: BinaryInteger>(
        _ measured: Measured, _ value: KeyPath<RoleTotals, Value>
    ) -> [Sample] {
        [(HostRole.client, measured.status.asClient), (.server, measured.status.asServer)].map { role, totals in
            Sample(
                labels: [LabelModel(name: "role", value: role.rawValue)],
                value: Int64(clamping: totals[keyPath: value]))
        }
    }
}
