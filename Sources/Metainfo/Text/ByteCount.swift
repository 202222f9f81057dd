/// Sizes and rates for people, everywhere in the same way: in binary units, as file managers on Linux show them. The
/// owner's page has the same rule in its script.
public enum ByteCount {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// For example `0 B`, `16.0 KiB`, `1.46 GiB`: three significant digits.
    public static func size(_ bytes: some BinaryInteger) -> String {
        var value = max(0, Double(Int64(clamping: bytes)))
        var unit = 0
        // 999.5 would be shown with four digits.
        while value >= (unit == 0 ? 1024 : 999.5), unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        guard unit > 0 else { return "\(Int64(value)) \(units[0])" }
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return "\(FixedDecimal.text(value, decimals: decimals)) \(units[unit])"
    }

    /// For example `0 B/s`, `830 KiB/s`, `112 MiB/s`.
    public static func rate(_ bytesPerSecond: some BinaryInteger) -> String { size(bytesPerSecond) + "/s" }

    /// Bytes a second over a whole run; nil when the run was too short to say.
    public static func rate(bytes: Int64, seconds: Double) -> String? {
        guard bytes > 0, seconds >= 0.001 else { return nil }
        let rate = Double(bytes) / seconds
        return rate.isFinite && rate < 9e18 ? self.rate(Int64(rate)) : nil
    }

    /// For example `1 file`, `12 files`.
    public static func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
    }
}
