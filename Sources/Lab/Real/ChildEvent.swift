import FoundationEssentials

/// A line of `--json` of a host's program.
enum ChildEvent: Sendable, Equatable {
    /// It can be fetched from.
    case sharing
    case progress(done: Int64, partners: [Partner])
    /// It has everything.
    case done
    case error(String)

    struct Partner: Sendable, Equatable, Decodable {
        /// `IP:PORT`.
        var address: String
        var downloaded: Int64
        var uploaded: Int64

        var ip: Substring { address[..<(address.lastIndex(of: ":") ?? address.endIndex)] }
    }

    /// nil for lines that do not matter here.
    init?(line: [UInt8]) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(line)) else { return nil }
        switch fields.event {
        case "sharing": self = .sharing
        case "progress": self = .progress(done: fields.done ?? 0, partners: fields.partners ?? [])
        case "done": self = .done
        case "error": self = .error(fields.message ?? "it did not say why")
        default: return nil
        }
    }

    private struct Fields: Decodable {
        var event: String
        var done: Int64?
        var partners: [Partner]?
        var message: String?
    }
}
