/// Why a command ends without having done its work: what happened, why, and what to do about it.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let what: String
    let why: String?
    let remedy: String?

    init(_ what: String, why: String? = nil, remedy: String? = nil) {
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

    var description: String {
        [what, why, remedy].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
