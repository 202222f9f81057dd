/// Whether a host has served lately: bytes go in bursts, and the role of a server does not come and go with each. That of
/// a client needs no memory, it lasts as long as something is fetched.
struct RoleMemory {
    /// How long the role stays after the last byte.
    private static let rest = Duration.seconds(10)

    private var uploaded: Int64 = 0
    private var last: ContinuousClock.Instant?

    /// - Parameter uploaded: all payload bytes that were sent so far.
    mutating func note(uploaded: Int64, at now: ContinuousClock.Instant) {
        if uploaded > self.uploaded { last = now }
        self.uploaded = uploaded
    }

    func isServer(at now: ContinuousClock.Instant) -> Bool {
        last.map { now - $0 < Self.rest } ?? false
    }
}
