import Bencode

/// Why a tracker's answer brings nothing.
public enum TrackerFailure: Error, Equatable, Sendable {
    /// It is not what a tracker sends.
    case malformed
    /// The tracker says why (`failure reason`), and when it may be asked again.
    case refused(reason: String, retry: Retry)

    /// `retry in` (BEP 31).
    public enum Retry: Equatable, Sendable {
        /// It says nothing.
        case unspecified
        case minutes(Int64)
        case never
    }

    /// The body that a tracker sends.
    public static func encoded(reason: String, retry: Retry = .unspecified) -> [UInt8] {
        var fields = BencodeDictionary()
        fields.set("failure reason", .text(reason))
        switch retry {
        case .unspecified: break
        case .minutes(let minutes): fields.set("retry in", .integer(minutes))
        case .never: fields.set("retry in", .text("never"))
        }
        return BencodeValue.dictionary(fields).encoded()
    }

    /// The fields of an answer that is not a refusal.
    static func fields(of bytes: [UInt8]) throws(TrackerFailure) -> BencodeDictionary {
        guard bytes.count <= AnnounceResponse.maximumLength,
            let fields = (try? BencodeDecoder(mode: .lenient).decode(bytes))?.dictionary
        else { throw .malformed }
        guard let reason = fields["failure reason"] else { return fields }
        let text = String(decoding: (reason.bytes ?? []).prefix(1000), as: UTF8.self)
        throw .refused(reason: text, retry: retry(fields["retry in"]))
    }

    /// A number, or one in a string, or "never".
    private static func retry(_ value: BencodeValue?) -> Retry {
        if value?.text == "never" { return .never }
        guard let minutes = value?.integer ?? value?.text.flatMap({ Int64($0) }), minutes > 0 else {
            return .unspecified
        }
        return .minutes(minutes)
    }
}

extension TrackerFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "what the tracker sent is no answer of a tracker"
        case .refused(let reason, _): "the tracker refused: \(reason)"
        }
    }
}
