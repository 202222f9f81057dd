/// Why a command ends without having done its work: what happened, why, and what to do about it.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let what: String
    let why: String?
    let remedy: String?
    /// What was written on the command line, in the environment or in the settings file cannot be used: the exit status
    /// is that of wrong usage.
    let isUsage: Bool

    init(_ what: String, why: String? = nil, remedy: String? = nil, isUsage: Bool = false) {
        self.isUsage = isUsage
        self.what = what
        self.why = why
        self.remedy = remedy
    }

    /// Wraps an error of a lower floor, whose description says why.
    init(_ what: String, because error: any Error, remedy: String? = nil) {
        if let failure = error as? CommandFailure {
            self = failure
        } else {
            self.init(what, why: String(describing: error), remedy: remedy)
        }
    }

    /// The same as wrong usage.
    var asUsage: CommandFailure { CommandFailure(what, why: why, remedy: remedy, isUsage: true) }

    var description: String {
        [what, why, remedy].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
