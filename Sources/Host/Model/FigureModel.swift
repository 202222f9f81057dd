/// One number of the table of metrics, by the name that it has in `/metrics`.
public struct FigureModel: Codable, Sendable, Equatable {
    public var name: String
    public var labels: [LabelModel]
    public var value: Int64
    /// What it is, in words.
    public var title: String
    /// `number`, `seconds`, `bytes`, `bytes per second`, or `name` where only the labels say something.
    public var unit: String

    public init(
        name: String, labels: [LabelModel] = [], value: Int64, title: String = "", unit: String = "number"
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.labels = labels
        self.value = value
    }
}

/// What tells a number from others of its metric, such as `role` and `client`.
public struct LabelModel: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension StatusModel {
    /// The number of a metric, in one role where it has them; 0 if it was not measured.
    public func value(of metric: Metric, in role: HostRole? = nil) -> Int64 {
        value(of: metric, role.map { [LabelModel(name: "role", value: $0.rawValue)] } ?? [])
    }

    /// The number of a metric that is measured both ways.
    public func value(of metric: Metric, _ direction: FlowDirection) -> Int64 {
        value(of: metric, [LabelModel(name: "direction", value: direction.rawValue)])
    }

    private func value(of metric: Metric, _ labels: [LabelModel]) -> Int64 {
        figures.first { $0.name == metric.name && $0.labels == labels }?.value ?? 0
    }
}

/// Which way bytes go, as seen from this host.
public enum FlowDirection: String, Sendable {
    case sent, received
}
