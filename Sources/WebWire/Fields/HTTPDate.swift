/// A moment in whole seconds, as HTTP tells it (RFC 9110 §5.6.7).
public struct HTTPDate: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00 UTC. Within the years 0 to 9999, which is what the text form can say.
    public let secondsSinceEpoch: Int64

    /// What lies outside the years 0 to 9999 becomes the nearest moment within them.
    public init(secondsSinceEpoch: Int64) {
        self.secondsSinceEpoch = min(max(secondsSinceEpoch, -62_167_219_200), 253_402_300_799)
    }

    public static func < (left: HTTPDate, right: HTTPDate) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
    }

    static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

extension HTTPDate: CustomStringConvertible {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that may be sent.
    public var description: String {
        let time = CivilTime(secondsSinceEpoch: secondsSinceEpoch)
        let day = Self.days[CivilTime.weekday(secondsSinceEpoch: secondsSinceEpoch)]
        let date = "\(Self.padded(time.day, 2)) \(Self.months[time.month - 1]) \(Self.padded(Int(time.year), 4))"
        return "\(day), \(date) \(Self.clock(time)) GMT"
    }

    /// `1994-11-06 08:49`, for people; UTC.
    public var shortText: String {
        let time = CivilTime(secondsSinceEpoch: secondsSinceEpoch)
        let date = "\(Self.padded(Int(time.year), 4))-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))"
        return "\(date) \(Self.padded(time.hour, 2)):\(Self.padded(time.minute, 2))"
    }

    /// `1994-11-06T08:49:37Z` (RFC 3339), for XML and HTML's `datetime`.
    public var internetText: String {
        let time = CivilTime(secondsSinceEpoch: secondsSinceEpoch)
        let date = "\(Self.padded(Int(time.year), 4))-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))"
        return "\(date)T\(Self.clock(time))Z"
    }

    private static func clock(_ time: CivilTime) -> String {
        "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
