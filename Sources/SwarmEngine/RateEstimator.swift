/// Bytes a second over about the last two seconds, from counts that are added as they happen.
struct RateEstimator {
    /// Bytes a second at the last update.
    private(set) var rate: Double = 0
    private(set) var total: Int64 = 0
    private var pending: Int64 = 0
    private var lastUpdate: Instant?

    mutating func add(_ bytes: Int) {
        pending += Int64(bytes)
        total += Int64(bytes)
    }

    /// Called at each tick. The first second counts fully, so that a fast peer is known as fast at once.
    mutating func update(now: Instant) {
        guard let last = lastUpdate else {
            lastUpdate = now
            return
        }
        let elapsed = (now - last).inSeconds
        guard elapsed >= 0.05 else { return }
        let current = Double(pending) / elapsed
        let weight = min(1, elapsed / (current > rate ? 0.5 : 2))
        rate += (current - rate) * weight
        if rate < 1 { rate = 0 }
        pending = 0
        lastUpdate = now
    }
}
