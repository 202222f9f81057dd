import Metainfo

extension Quantity {
    /// Always in seconds, for columns that are compared by eye: `11.9 s`, `8,600 s`.
    /// What takes for ever is `never`: so is the bound when the source leaves before all can have everything.
    static func seconds(_ seconds: Double) -> String {
        seconds == .infinity ? never : significant(seconds) + " s"
    }

    /// In the unit that fits: `11.9 s`, `28.5 min`, `9.87 days`, or `never`.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite else { return never }
        let unit = TimeUnit(for: seconds)
        return significant(seconds / unit.seconds) + unit.suffix
    }

    static let never = "never"

    /// Binary units, as file managers show sizes: `100 MiB`, `1.46 GiB`.
    static func size(_ bytes: Int64) -> String {
        ByteCount.size(bytes)
    }

    /// Bytes a second: `5.67 MiB/s`.
    static func rate(_ bytesPerSecond: Double) -> String {
        ByteCount.rate(Int64(bytesPerSecond.isFinite ? min(max(0, bytesPerSecond), 1e18) : 0))
    }

    /// Bits a second, as links are sold: `100 Mbit/s`, `1.34 Gbit/s`.
    static func link(_ bitsPerSecond: Double) -> String {
        scaled(bitsPerSecond, units: ["bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit"]) + "/s"
    }

    /// For example `1 receiver`, `10,000 receivers`.
    static func counted(_ count: Int, _ singular: String) -> String {
        "\(self.count(count)) \(singular)\(count == 1 ? "" : "s")"
    }

    /// For example `nothing`, `one copy`, `1.3 copies`.
    static func copiesInWords(_ copies: Double) -> String {
        guard copies > 0 else { return "nothing" }
        let text = self.copies(copies)
        return text == "1.0" ? "one copy" : "\(text) copies"
    }

    private static func scaled(_ value: Double, units: [String]) -> String {
        var value = value.isFinite ? max(0, value) : 0
        var unit = 0
        // 999.5 would be shown with four digits.
        while value >= (unit == 0 ? 1000 : 999.5), unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let decimals = unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        let text = decimals == 0 ? fixed(value, decimals: 0) : short(value, decimals: decimals)
        return "\(text) \(units[unit])"
    }
}

/// The unit in which a length of time is easiest to read.
enum TimeUnit {
    case seconds, minutes, hours, days

    init(for seconds: Double) {
        self = seconds < 600 ? .seconds : seconds < 7200 ? .minutes : seconds < 172_800 ? .hours : .days
    }

    var seconds: Double {
        switch self {
        case .seconds: 1
        case .minutes: 60
        case .hours: 3600
        case .days: 86400
        }
    }

    var suffix: String {
        switch self {
        case .seconds: " s"
        case .minutes: " min"
        case .hours: " h"
        case .days: " days"
        }
    }
}
