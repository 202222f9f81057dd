/// Bytes a second over about the last two seconds, from counts that are added as they happen.
struct RateEstimator {
    /// Bytes a second at the last update.
    private(set) var rate: Double = 0
    private(set) var total: Int64 = 0
    private var pending: Int64 = 0
    private var lastUpdate: Instant?

    /// - Parameter start: when counting begins; the first update if nil.
    init(start: Instant? = nil) {
        lastUpdate = start
    }

    mutating func add(_ bytes: Int) {
        pending += Int64(bytes)
        total += Int64(bytes)
    }

    /// Called at each tick. The first count is taken as it is, so that a fast peer is known as fast at once.
    mutating func update(now: Instant) {
        guard let last = lastUpdate else {
            lastUpdate = now
            return
        }
        let elapsed = (now - last).inSeconds
        guard elapsed >= 0.05 else { return }
        let current = Double(pending) / elapsed
        let weight = rate == 0 ? 1 : min(1, elapsed / (current > rate ? 0.5 : 2))
        rate += (current - rate) * weight
        if rate < 1 { rate = 0 }
        pending = 0
        lastUpdate = now
    }
}
