/// Numbers with a fixed count of decimals, which the standard library alone does not print.
public enum FixedDecimal {
    /// For example `text(1.456, decimals: 2)` is `1.46`. For values from 0 up to about 10¹⁵.
    public static func text(_ value: Double, decimals: Int) -> String {
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value * Double(scale)).rounded()
        guard scaled.isFinite, scaled >= 0, scaled < 9e18 else { return String(value) }
        let whole = Int64(scaled)
        guard decimals > 0 else { return String(whole) }
        let fraction = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
