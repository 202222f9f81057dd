extension Schema {
    /// The models, by the names that the document gives them.
    static let models: [(name: String, schema: Schema)] = [
        ("Error", .object([Member("error", .text)])),
        ("Share", share), ("NewShare", newShare), ("Transfer", transfer), ("NewTransfer", newTransfer), ("Host", host),
        ("NewHost", .object([Member("address", .text)])), ("Entry", entry), ("Status", status), ("Settings", settings),
        ("Finding", finding), ("DoctorFacts", doctorFacts),
        ("DownloadReport", downloadReport),
    ]

    private static let share = Schema.object([
        Member("name", .text), Member("path", .text), Member("scope", .textOf(ShareScope.allCases.map(\.rawValue))),
        Member("infoHashV1", .optional(.text), isRequired: false),
        Member("infoHashV2", .optional(.text), isRequired: false), Member("bytes", .integer), Member("files", .integer),
        Member("version", .integer), Member("state", .textOf(["hashing", "offered", "missing", "failed"])),
        Member("message", .optional(.text), isRequired: false), Member("magnet", .optional(.text), isRequired: false),
        Member("hashed", .optional(.integer), isRequired: false),
        Member("toHash", .optional(.integer), isRequired: false),
        Member(
            "omitted", .optional(.array(.object([Member("path", .text), Member("reason", .text)]))), isRequired: false),
        Member("inbox", .flag),
    ])

    private static let newShare = Schema.object([
        Member("path", .text), Member("name", .optional(.text), isRequired: false),
        Member("scope", .textOf(ShareScope.allCases.map(\.rawValue)), isRequired: false),
        Member("format", .textOf(["hybrid", "v1", "v2"]), isRequired: false),
        Member("pieceLength", .optional(.integer), isRequired: false),
        Member("torrent", .optional(.text), isRequired: false),
        Member("inbox", .optional(.flag), isRequired: false),
    ])

    private static let transfer = Schema.object([
        Member("id", .text), Member("kind", .textOf(["share", "fetch"])),
        Member("name", .optional(.text), isRequired: false),
        Member("phase", .textOf(["metadata", "checking", "fetching", "complete", "partial", "paused", "starting"])),
        Member("message", .optional(.text), isRequired: false), Member("done", .integer), Member("total", .integer),
        Member("down", .integer), Member("up", .integer), Member("downloaded", .integer), Member("uploaded", .integer),
        Member("peers", .integer), Member("webSeeds", .integer), Member("clients", .integer),
        Member(
            "partners",
            .array(
                .object([
                    Member("address", .text),
                    Member("protocol", .textOf(PartnerTraffic.Wire.allCases.map(\.rawValue))),
                    Member("downloaded", .integer), Member("uploaded", .integer),
                ]))),
        Member("directory", .optional(.text), isRequired: false), Member("host", .optional(.text), isRequired: false),
        Member("share", .optional(.text), isRequired: false), Member("follow", .flag), Member("version", .integer),
        Member("brought", .optional(done), isRequired: false),
    ])

    private static let done = Schema.object([
        Member("id", .text), Member("path", .text), Member("bytes", .integer), Member("seconds", .number),
        Member("downloaded", .integer), Member("copied", .integer), Member("version", .integer),
        Member("missing", .integer),
        Member("kept", .array(.object([Member("path", .text), Member("keptAs", .text)]))),
        Member("removed", .array(.text)), Member("removedCount", .integer),
    ])

    private static let newTransfer = Schema.object([
        Member("to", .text), Member("magnet", .optional(.text), isRequired: false),
        Member("torrent", .optional(.text), isRequired: false), Member("host", .optional(.text), isRequired: false),
        Member("share", .optional(.text), isRequired: false), Member("path", .optional(.text), isRequired: false),
        Member("select", .optional(.array(.text)), isRequired: false),
        Member("peers", .optional(.array(.text)), isRequired: false),
        Member("follow", .optional(.flag), isRequired: false),
    ])

    private static let downloadReport = Schema.object([
        Member("id", .text), Member("server", .text), Member("downloaded", .integer), Member("isOver", .flag),
    ])

    private static let finding = Schema.object([
        Member("id", .text), Member("severity", .textOf(["ok", "note", "warning", "problem"])), Member("title", .text),
        Member("explanation", .text), Member("remedy", .optional(.text), isRequired: false),
        Member("evidence", .array(.text)),
    ])

    private static let doctorFacts = Schema.object([
        Member("processID", .integer), Member("port", .integer), Member("portIsFixed", .flag),
        Member("clocks", .array(.object([Member("host", .text), Member("secondsAhead", .number)]))),
        Member("knownHosts", .array(.object([Member("address", .text), Member("answers", .flag)]))),
        Member("foundHosts", .array(.text)), Member("unknownNames", .optional(.array(.text)), isRequired: false),
        Member(
            "multicast",
            .optional(
                .array(
                    .object([
                        Member("interface", .text), Member("groups", .array(.text)), Member("sent", .integer),
                        Member("heardOwn", .integer), Member("heard", .integer), Member("recentHosts", .integer),
                        Member("lastHeard", .optional(.number), isRequired: false),
                        Member("failure", .optional(.text), isRequired: false),
                    ]))), isRequired: false),
        Member(
            "watching",
            .optional(
                .object([
                    Member("folders", .integer), Member("rescannedShares", .integer),
                    Member("limit", .optional(.text), isRequired: false),
                ])), isRequired: false),
        Member(
            "descriptors",
            .optional(
                .object([Member("open", .integer), Member("softLimit", .integer), Member("hardLimit", .integer)])),
            isRequired: false),
    ])

    private static let roles = Schema.array(.textOf(["client", "server", "dedicated"]))

    private static let host = Schema.object([
        Member("name", .text), Member("addresses", .array(.text)), Member("roles", roles),
        Member("shares", .array(.text)), Member("load", .optional(.number), isRequired: false),
        Member("seen", .integer), Member("key", .optional(.text), isRequired: false),
        Member("source", .textOf(["mdns", "given", "told"])), Member("message", .optional(.text), isRequired: false),
    ])

    private static let entry = Schema.object([
        Member("name", .text), Member("kind", .textOf(["share", "folder", "file"])), Member("bytes", .integer),
        Member("modified", .optional(.text), isRequired: false),
    ])

    private static let totals = Schema.object([
        Member("rate", .integer), Member("bytes", .integer), Member("transfers", .integer),
        Member("partners", .integer),
    ])

    private static let status = Schema.object([
        Member("name", .text), Member("key", .text), Member("version", .text), Member("listen", .array(.text)),
        Member("roles", roles), Member("uptime", .integer), Member("asClient", totals), Member("asServer", totals),
        Member("shares", .integer), Member("hosts", .integer), Member("transfers", .array(.named("Transfer"))),
        Member("truncated", .flag), Member("troubles", .array(.text)), Member("figures", .array(figure)),
        Member("web", webTraffic), Member("downloads", webTraffic),
    ])

    private static let webTraffic = Schema.object([
        Member("up", .integer), Member("down", .integer), Member("uploaded", .integer), Member("downloaded", .integer),
        Member("transfers", .integer),
        Member(
            "partners",
            .array(
                .object([
                    Member("address", .text), Member("up", .integer), Member("down", .integer),
                    Member("uploaded", .integer), Member("downloaded", .integer),
                ]))),
    ])

    private static let figure = Schema.object([
        Member("name", .text), Member("labels", .array(.object([Member("name", .text), Member("value", .text)]))),
        Member("value", .integer), Member("title", .text),
        Member("unit", .textOf(Metric.Unit.allCases.map(\.rawValue))),
    ])

    private static let settings = Schema.object([
        Member("name", .text), Member("listen", .text), Member("hosts", .array(.text)), Member("discovery", .flag),
        Member("web", .array(.text)), Member("owner", .optional(.text), isRequired: false),
        Member("metrics", .textOf(["web", "owner", "off"])), Member("downloads", .text),
        Member("inboxLimit", .integer), Member("inboxReserve", .integer),
        Member("file", .optional(.text), isRequired: false), Member("settings", .array(setting)),
    ])

    private static let setting = Schema.object([
        Member("name", .text), Member("value", .text), Member("origin", .text), Member("standard", .text),
        Member("variable", .text), Member("explanation", .text),
    ])
}
