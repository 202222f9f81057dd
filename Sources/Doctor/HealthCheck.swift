/// One subject to look at: facts are read from the system, and a pure function judges them.
protocol HealthCheck: Sendable {
    /// The beginning of its findings' identifiers, such as `disk`.
    var id: String { get }
    /// As in "could not look at …".
    var subject: String { get }
    /// Reads and judges. May wait for the system; runs on a thread of its own.
    func findings() throws -> [Finding]
}

/// Why something could not be looked at, in words that fit behind "because".
struct LookFailure: Error, Equatable, CustomStringConvertible {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    var description: String { reason }
}
