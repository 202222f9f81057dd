extension QRCode {
    /// Columns that the drawing takes.
    func columns(quietZone: Int) -> Int { size + 2 * quietZone }

    /// Rows that the drawing takes: a half block draws two modules.
    func rows(quietZone: Int) -> Int { (size + 2 * quietZone + 1) / 2 }

    /// The symbol in half blocks, one line of text a row.
    ///
    /// With `colored`, black on white is set explicitly, so that it is right on dark and on light terminals. Without,
    /// the light modules are drawn in the terminal's own text color, which is right on a dark terminal and inverted
    /// (most scanners read that too) on a light one.
    func terminalLines(quietZone: Int, colored: Bool) -> [String] {
        let end = size + quietZone
        return stride(from: -quietZone, to: end, by: 2).map { y in
            var line = colored ? "\u{1B}[38;2;0;0;0;48;2;255;255;255m" : ""
            for x in -quietZone..<end {
                let upper = self[x, y]
                // An odd number of rows leaves half a line: light, like the rest of the quiet zone.
                let lower = self[x, y + 1]
                line += Self.glyph(upper: upper == colored, lower: lower == colored)
            }
            return line + (colored ? "\u{1B}[0m" : "")
        }
    }

    private static func glyph(upper: Bool, lower: Bool) -> String {
        switch (upper, lower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}
