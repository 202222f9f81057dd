/// Numbers as people read them, alike on every computer: a point before decimals, commas between thousands.
enum Quantity {
    /// For example `fixed(1.456, decimals: 2)` is `1.46`. For magnitudes up to about 10¹⁵; what is larger, infinite
    /// or no number at all is a dash.
    static func fixed(_ value: Double, decimals: Int, grouped: Bool = false) -> String {
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * Double(scale)).rounded()
        guard scaled.isFinite, scaled < 9e18 else { return "–" }
        let units = Int64(scaled)
        let whole = grouped ? count(units / scale) : String(units / scale)
        let sign = value < 0 && units > 0 ? "-" : ""
        guard decimals > 0 else { return sign + whole }
        let fraction = String(units % scale)
        return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// `fixed` without zeros at the end: `0.5`, `20`.
    static func short(_ value: Double, decimals: Int) -> String {
        var text = fixed(value, decimals: decimals)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// For example `9,876`.
    static func count(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Three significant digits, or all that are before the point: `0.123`, `9.88`, `98.8`, `9,876`.
    static func significant(_ value: Double) -> String {
        let size = value.magnitude
        return fixed(value, decimals: size < 0.9995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0, grouped: true)
    }

    /// How many times as much: `14`, `3.2`.
    static func factor(_ value: Double) -> String {
        fixed(value, decimals: value < 9.95 ? 1 : 0, grouped: true)
    }

    /// How many copies of a file: `1.0`, `16.0`, `10,000`.
    static func copies(_ value: Double) -> String {
        fixed(value, decimals: value < 999.95 ? 1 : 0, grouped: true)
    }

    /// Of a part of one. Only nothing is 0% and only all is 100%.
    static func percent(_ part: Double) -> String {
        if part > 0, part < 0.01 { return fixed(max(0.1, part * 100), decimals: 1) + "%" }
        if part >= 0.995, part < 1 { return fixed((part * 1000).rounded(.down) / 10, decimals: 1) + "%" }
        return fixed(part * 100, decimals: 0) + "%"
    }
}
