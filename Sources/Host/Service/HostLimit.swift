/// A limit that an owner may set: a number between bounds. From this one table values are checked and settings are
/// printed.
public struct HostLimit: Sendable {
    public enum Unit: Sendable {
        case count, bytes, seconds
    }

    /// As it is called in settings.
    public let name: String
    /// One line for people.
    public let explanation: String
    public let unit: Unit
    public let bounds: ClosedRange<Int64>
    public let value: @Sendable (HostSettings) -> Int64
    /// Takes over a value that is between the bounds.
    public let set: @Sendable (inout HostSettings, Int64) -> Void

    private init(
        _ name: String, _ explanation: String, _ place: any WritableKeyPath<HostSettings, Int> & Sendable, _ unit: Unit,
        _ bounds: ClosedRange<Int64>
    ) {
        self.init(
            name: name, explanation: explanation, unit: unit, bounds: bounds, value: { Int64($0[keyPath: place]) },
            set: { $0[keyPath: place] = Int(clamping: $1) })
    }

    private init(
        _ name: String, _ explanation: String, _ place: any WritableKeyPath<HostSettings, Int64> & Sendable,
        _ unit: Unit, _ bounds: ClosedRange<Int64>
    ) {
        self.init(
            name: name, explanation: explanation, unit: unit, bounds: bounds, value: { $0[keyPath: place] },
            set: { $0[keyPath: place] = $1 })
    }

    private init(
        name: String, explanation: String, unit: Unit, bounds: ClosedRange<Int64>,
        value: @escaping @Sendable (HostSettings) -> Int64, set: @escaping @Sendable (inout HostSettings, Int64) -> Void
    ) {
        self.name = name
        self.explanation = explanation
        self.unit = unit
        self.bounds = bounds
        self.value = value
        self.set = set
    }

    /// Of the pages and of the inboxes, in the order of the documentation.
    public static let all = ofPages + ofInboxes

    private static let ofPages = [
        HostLimit(
            "web-connections", "how many connections browsers may have, at most half the files that may be open",
            \.webLimits.connections, .count, 1...65_536),
        HostLimit(
            "web-connections-per-address", "how many of them one address may have", \.webLimits.connectionsOfAddress,
            .count,
            1...65_536),
        HostLimit(
            "web-request-time", "how long a request may take to arrive", \.webLimits.requestTime, .seconds, 1...3600),
        HostLimit(
            "web-idle-time", "how long a connection is kept for the next request", \.webLimits.idleTime, .seconds,
            1...3600),
        HostLimit(
            "web-answer-time", "how long a visitor may take for a part of an answer, 1 MiB at most",
            \.webLimits.answerTime, .seconds, 1...3600),
        HostLimit(
            "web-upload-time", "in such a time at least 16 KiB of an upload must arrive", \.webLimits.uploadTime,
            .seconds, 1...3600),
        HostLimit(
            "web-header-size", "how large the header fields of a request may be together", \.webLimits.headerBytes,
            .bytes,
            (1 << 10)...(1 << 20)),
        HostLimit(
            "web-streams", "how many requests one HTTP/2 connection may have at a time",
            \.webLimits.streamsOfConnection, .count,
            1...1000),
    ]

    private static let largest: Int64 = 1 << 53 - 1

    private static let ofInboxes = [
        HostLimit(
            "inbox-limit", "the largest file that visitors may put into an inbox", \.uploads.file, .bytes, 1...largest),
        HostLimit(
            "inbox-reserve", "what stays free on the disk, whatever visitors bring", \.uploads.reserve, .bytes,
            0...largest),
        HostLimit("inbox-files", "how many files an inbox may have", \.uploads.filesOfInbox, .count, 1...100_000),
        HostLimit("inbox-uploads", "how many uploads there may be at a time", \.uploads.requests, .count, 1...1024),
        HostLimit(
            "inbox-uploads-per-address", "how many of them one address may have", \.uploads.requestsOfSender, .count,
            1...1024),
        HostLimit(
            "inbox-unfinished", "how many uploads may have begun and not ended", \.uploads.unfinished, .count,
            1...10_000),
        HostLimit(
            "inbox-unfinished-per-address", "how many of them one address may have", \.uploads.unfinishedOfSender,
            .count, 1...10_000),
        HostLimit(
            "inbox-rest-time", "how long an upload that was interrupted is kept", \.uploads.restingTime, .seconds,
            60...(365 * 86_400)),
    ]

    // MARK: As text

    /// As it can be read again, without loss: `8192`, `32KiB`, `5min`.
    public func text(_ value: Int64) -> String {
        switch unit {
        case .count: String(value)
        case .bytes: Self.text(value, [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")], "")
        case .seconds: Self.text(value, [(86_400, "d"), (3600, "h"), (60, "min")], "s")
        }
    }

    /// What it is when nobody sets it.
    public var standard: String { text(value(HostSettings(name: ""))) }

    private static func text(_ value: Int64, _ units: [(Int64, String)], _ rest: String) -> String {
        guard value > 0, let unit = units.first(where: { value.isMultiple(of: $0.0) }) else { return "\(value)\(rest)" }
        return "\(value / unit.0)\(unit.1)"
    }
}

/// What a host takes from those who use its pages.
public struct WebLimits: Sendable, Equatable {
    /// At a time: in all, and of one address.
    public var connections = 8192
    public var connectionsOfAddress = 1024
    /// Seconds: for a request to arrive, for the next one to come, for a part of an answer to be taken, and in which a
    /// little of an upload must arrive.
    public var requestTime = 15
    public var idleTime = 15
    public var answerTime = 300
    public var uploadTime = 30
    /// Bytes of a request's header fields.
    public var headerBytes = 32 << 10
    /// Of HTTP/2.
    public var streamsOfConnection = 100
}
