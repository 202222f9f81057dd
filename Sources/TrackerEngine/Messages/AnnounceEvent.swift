/// Why an announcement is made (BEP 3, BEP 21); none for the periodic ones.
public enum AnnounceEvent: String, Sendable, Equatable {
    case started
    case completed
    case stopped
    /// BEP 21: it has all that it wants, which is not everything.
    case paused
}
