#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Values to places in a drawing, in proportion or by their logarithms.
struct Scale {
    let values: ClosedRange<Double>
    let isLogarithmic: Bool
    let start: Double
    let end: Double

    init(_ values: ClosedRange<Double>, from start: Double, to end: Double, isLogarithmic: Bool = false) {
        self.values = values
        self.start = start
        self.end = end
        self.isLogarithmic = isLogarithmic && values.lowerBound > 0
    }

    func callAsFunction(_ value: Double) -> Double {
        let (low, high) = (values.lowerBound, values.upperBound)
        guard high > low else { return start }
        let value = min(max(value, low), high)
        let part =
            isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
        return start + (end - start) * part
    }

    /// Places for gridlines of a time axis, and what to write there: whole numbers of the unit that fits.
    func timeTicks(about count: Int) -> [(value: Double, label: String)] {
        if isLogarithmic {
            let all: [(value: Double, label: String)] = [
                (0.001, "1 ms"), (0.01, "10 ms"), (0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"),
                (600, "10 min"), (3600, "1 h"), (36000, "10 h"), (345_600, "4 days"), (3_456_000, "40 days"),
                (31_557_600, "1 year"), (315_576_000, "10 years"),
            ]
            return all.filter { values.contains($0.value) }
        }
        let unit = TimeUnit(for: values.upperBound)
        let high = values.upperBound / unit.seconds
        let step = Self.roundStep(high / Double(count))
        let decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0
        return stride(from: 0, through: high * 1.0001, by: step).map { value in
            (value * unit.seconds, Quantity.fixed(value, decimals: decimals, grouped: true) + unit.suffix)
        }
    }

    /// 1, 2 or 5 times a power of ten, at least `step`.
    static func roundStep(_ step: Double) -> Double {
        guard step.isFinite, step > 0 else { return 1 }
        var power = 1.0
        while power > step { power /= 10 }
        while power * 10 <= step { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= step * 0.9999 } ?? power * 10
    }
}
