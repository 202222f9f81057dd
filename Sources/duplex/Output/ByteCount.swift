/// Sizes and rates for people: sizes in binary units, as file managers on Linux show them; rates in decimal ones, as
/// links are sold.
enum ByteCount {
    /// For example `0 B`, `16.0 KiB`, `1.46 GiB`.
    static func size(_ bytes: some BinaryInteger) -> String {
        scaled(Double(Int64(clamping: bytes)), by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
    }

    /// For example `0 B/s`, `830 kB/s`, `112 MB/s`.
    static func rate(_ bytesPerSecond: some BinaryInteger) -> String {
        let bytes = Double(Int64(clamping: bytesPerSecond))
        return scaled(bytes, by: 1000, units: ["B", "kB", "MB", "GB", "TB", "PB", "EB"]) + "/s"
    }

    /// Bytes a second over a whole run; nil when the run was too short to say.
    static func rate(bytes: Int64, seconds: Double) -> String? {
        guard bytes > 0, seconds >= 0.001 else { return nil }
        let rate = Double(bytes) / seconds
        return rate.isFinite && rate < 9e18 ? self.rate(Int64(rate)) : nil
    }

    /// For example `1 file`, `12 files`.
    static func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
    }

    /// Three significant digits: `9.87`, `98.7`, `987`.
    private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
        var value = max(0, value)
        var unit = 0
        // 999.5 would be shown with four digits.
        while value >= (unit == 0 ? base : 999.5), unit + 1 < units.count {
            value /= base
            unit += 1
        }
        guard unit > 0 else { return "\(Int64(value)) \(units[0])" }
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return "\(FixedDecimal.text(value, decimals: decimals)) \(units[unit])"
    }
}
