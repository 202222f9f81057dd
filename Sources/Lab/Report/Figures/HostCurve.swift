/// What one host had received, or sent, at any moment of a run.
struct HostCurve {
    private(set) var points: [(time: Double, bytes: Double)]

    /// Payload bytes received; ends when the host had everything, or was last looked at if it never had.
    static func received(_ host: HostRecord, size: Int64) -> HostCurve {
        HostCurve(host, ending: host.finished.map { ($0, Double(size)) }) { $0.received }
    }

    /// Payload bytes sent; `end` is when the run ended.
    static func sent(_ host: HostRecord, total: Int64, end: Double) -> HostCurve {
        HostCurve(host, ending: (end, Double(total))) { $0.sent }
    }

    private init(_ host: HostRecord, ending: (time: Double, bytes: Double)?, _ value: (TrafficSample) -> Int64) {
        points = [(host.start, 0)]
        for sample in host.samples where sample.time >= host.start {
            // The last sample before a host finished is a little old; the end itself is known exactly.
            if let ending, ending.time <= sample.time { break }
            append((sample.time, Double(value(sample))))
        }
        if let ending { append(ending) }
    }

    private mutating func append(_ point: (time: Double, bytes: Double)) {
        let last = points[points.count - 1]
        // Never back in time, and bytes once received do not go away.
        points.append((max(last.time, point.time), max(last.bytes, point.bytes)))
    }

    func bytes(at time: Double) -> Double {
        guard let last = points.last, time < last.time else { return points.last?.bytes ?? 0 }
        var low = 0
        var high = points.count - 1
        guard time > points[0].time else { return 0 }
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].time <= time { low = middle } else { high = middle }
        }
        let (from, to) = (points[low], points[high])
        guard to.time > from.time else { return to.bytes }
        return from.bytes + (to.bytes - from.bytes) * (time - from.time) / (to.time - from.time)
    }

    /// At most so many points that look the same at the size of a plot.
    func thinned(to most: Int) -> [(time: Double, bytes: Double)] {
        guard points.count > most, let last = points.last, most > 1 else { return points }
        let start = points[0].time
        return (0..<most).map { step in
            let time = start + (last.time - start) * Double(step) / Double(most - 1)
            return (time, bytes(at: time))
        }
    }
}

/// Where the values of many hosts lie at each moment.
struct QuantileBands {
    static let parts: [Double] = [0, 0.1, 0.5, 0.9, 1]
    /// A row a moment: the time, then a value for each of ``parts``.
    let rows: [(time: Double, values: [Double])]

    init(_ curves: [HostCurve], from start: Double = 0, to end: Double, steps: Int = 64) {
        rows = (0...steps).map { step in
            let time = start + (end - start) * Double(step) / Double(steps)
            let values = curves.map { $0.bytes(at: time) }.sorted()
            return (time, Self.parts.map { part in Self.value(values, part) })
        }
    }

    private static func value(_ sorted: [Double], _ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[Int((part * Double(sorted.count - 1)).rounded())]
    }
}
