import ArgumentParser
import Host

/// The flags of `up` for the limits of ``HostLimit/all``, whose table explains them.
struct LimitOptions: ParsableArguments {
    @Option(help: LimitOptions.help("web-connections"))
    var webConnections: String?

    @Option(help: LimitOptions.help("web-connections-per-address"))
    var webConnectionsPerAddress: String?

    @Option(help: LimitOptions.help("web-request-time"))
    var webRequestTime: String?

    @Option(help: LimitOptions.help("web-idle-time"))
    var webIdleTime: String?

    @Option(help: LimitOptions.help("web-answer-time"))
    var webAnswerTime: String?

    @Option(help: LimitOptions.help("web-upload-time"))
    var webUploadTime: String?

    @Option(help: LimitOptions.help("web-header-size"))
    var webHeaderSize: String?

    @Option(help: LimitOptions.help("web-streams"))
    var webStreams: String?

    @Option(help: LimitOptions.help("inbox-limit"))
    var inboxLimit: String?

    @Option(help: LimitOptions.help("inbox-reserve"))
    var inboxReserve: String?

    @Option(help: LimitOptions.help("inbox-files"))
    var inboxFiles: String?

    @Option(help: LimitOptions.help("inbox-uploads"))
    var inboxUploads: String?

    @Option(help: LimitOptions.help("inbox-uploads-per-address"))
    var inboxUploadsPerAddress: String?

    @Option(help: LimitOptions.help("inbox-unfinished"))
    var inboxUnfinished: String?

    @Option(help: LimitOptions.help("inbox-unfinished-per-address"))
    var inboxUnfinishedPerAddress: String?

    @Option(help: LimitOptions.help("inbox-rest-time"))
    var inboxRestTime: String?

    /// Those that were given, by name of the setting.
    var values: [String: [String]] {
        let all: [String: String?] = [
            "web-connections": webConnections,
            "web-connections-per-address": webConnectionsPerAddress,
            "web-request-time": webRequestTime,
            "web-idle-time": webIdleTime,
            "web-answer-time": webAnswerTime,
            "web-upload-time": webUploadTime,
            "web-header-size": webHeaderSize,
            "web-streams": webStreams,
            "inbox-limit": inboxLimit,
            "inbox-reserve": inboxReserve,
            "inbox-files": inboxFiles,
            "inbox-uploads": inboxUploads,
            "inbox-uploads-per-address": inboxUploadsPerAddress,
            "inbox-unfinished": inboxUnfinished,
            "inbox-unfinished-per-address": inboxUnfinishedPerAddress,
            "inbox-rest-time": inboxRestTime,
        ]
        return all.compactMapValues { value in value.map { [$0] } }
    }

    private static func help(_ name: String) -> ArgumentHelp {
        guard let limit = HostLimit.all.first(where: { $0.name == name }) else { return .hidden }
        let text = limit.explanation.prefix(1).uppercased() + limit.explanation.dropFirst()
        return ArgumentHelp("\(text). (default: \(limit.standard))", valueName: limit.unit.valueName)
    }
}
