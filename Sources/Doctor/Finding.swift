/// One thing that was looked at, and how it is.
public struct Finding: Sendable, Equatable {
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// As it should be.
        case ok
        /// Good to know; nothing has to be done.
        case note
        /// Something may not work, or will soon not work.
        case warning
        /// Something does not work.
        case problem

        public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .ok: 0
            case .note: 1
            case .warning: 2
            case .problem: 3
            }
        }
    }

    /// Stays the same in all versions, such as `firewall.port`.
    public var id: String
    public var severity: Severity
    public var title: String
    /// What it means to the user; empty where the title says everything.
    public var explanation: String
    /// An exact command or step, if there is anything to do.
    public var remedy: String?
    /// What was seen, a fact each. May hold names that others chose, so it must be escaped before a terminal sees it;
    /// so must the other texts.
    public var evidence: [String]

    public init(
        id: String, severity: Severity, title: String, explanation: String = "", remedy: String? = nil,
        evidence: [String] = []
    ) {
        self.id = id
        self.severity = severity
        self.title = title
        self.explanation = explanation
        self.remedy = remedy
        self.evidence = evidence
    }
}

extension Finding {
    /// What could not be looked at. That is no problem in itself.
    static func notSeen(_ id: String, _ subject: String, because reason: String, remedy: String? = nil) -> Finding {
        Finding(
            id: id, severity: .note, title: "Could not look at \(subject), because \(reason)",
            explanation: "Whether anything is wrong there is not known.", remedy: remedy)
    }
}
