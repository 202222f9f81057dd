import Transport

/// Who may read `/metrics`.
public enum MetricsPlace: String, Sendable, CaseIterable {
    /// Everybody who reaches the pages.
    case web
    /// The owner: at the owner's page, with its token.
    case owner
    /// Nobody.
    case off

    public init?(parsing text: String) {
        switch text.lowercased() {
        case "web", "on", "yes": self = .web
        case "owner": self = .owner
        case "off", "no": self = .off
        default: return nil
        }
    }
}

extension HTTPReply {
    static func metrics(_ figures: [FigureModel]) -> HTTPReply {
        HTTPReply(
            status: 200,
            headers: [
                ("content-type", MetricText.mediaType), ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
            ], body: .bytes(Array(MetricText.text(figures).utf8)))
    }
}
