/// The square of modules while it is drawn: function patterns, codewords, mask, format (ISO/IEC 18004 §6.3, §7.7 to
/// §7.10). Coordinates are column, row from the upper left corner.
struct QRModules: Sendable, Equatable {
    let version: Int
    let size: Int
    private var dark: [Bool]
    /// Modules of function patterns and of the format and version fields, which hold no data and are never masked.
    private var reserved: [Bool]

    init(version: Int) {
        self.version = version
        size = version * 4 + 17
        dark = Array(repeating: false, count: size * size)
        reserved = dark
    }

    subscript(x: Int, y: Int) -> Bool { dark[y * size + x] }

    mutating func drawFunctionPatterns() {
        for position in 0..<size {
            setFunction(6, position, position % 2 == 0)
            setFunction(position, 6, position % 2 == 0)
        }
        drawFinder(3, 3)
        drawFinder(size - 4, 3)
        drawFinder(3, size - 4)
        drawAlignments()
        // Reserves the field; the real bits come with the mask.
        drawFormat(errorCorrection: .low, mask: 0)
        drawVersion()
    }

    /// Fills the data modules in the zigzag of column pairs from the lower right corner; what remains stays light.
    mutating func drawCodewords(_ codewords: [UInt8]) {
        var bit = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            let upward = (right + 1) & 2 == 0
            for step in 0..<size {
                let y = upward ? size - 1 - step : step
                for x in [right, right - 1] where !reserved[y * size + x] && bit < codewords.count * 8 {
                    dark[y * size + x] = codewords[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
                    bit += 1
                }
            }
            right -= 2
        }
    }

    mutating func applyMask(_ mask: Int) {
        for y in 0..<size {
            for x in 0..<size where !reserved[y * size + x] && Self.inverts(mask, x, y) {
                dark[y * size + x].toggle()
            }
        }
    }

    /// 5 bits of level and mask with a BCH(15,5) code, drawn twice, and the one module that is always dark.
    mutating func drawFormat(errorCorrection: QRCode.ErrorCorrection, mask: Int) {
        let data = (errorCorrection == .low ? 1 : 0) << 3 | mask
        var remainder = data
        for _ in 0..<10 { remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537) }
        let bits = (data << 10 | remainder) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }

        for index in 0...5 { setFunction(8, index, bit(index)) }
        setFunction(8, 7, bit(6))
        setFunction(8, 8, bit(7))
        setFunction(7, 8, bit(8))
        for index in 9..<15 { setFunction(14 - index, 8, bit(index)) }

        for index in 0..<8 { setFunction(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { setFunction(8, size - 15 + index, bit(index)) }
        setFunction(8, size - 8, true)
    }

    private mutating func setFunction(_ x: Int, _ y: Int, _ isDark: Bool) {
        dark[y * size + x] = isDark
        reserved[y * size + x] = true
    }

    private mutating func drawFinder(_ centerX: Int, _ centerY: Int) {
        for dy in -4...4 {
            for dx in -4...4 {
                let x = centerX + dx
                let y = centerY + dy
                guard (0..<size).contains(x), (0..<size).contains(y) else { continue }
                let ring = max(abs(dx), abs(dy))
                setFunction(x, y, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignments() {
        let positions = alignmentPositions
        guard let last = positions.last else { return }
        for y in positions {
            for x in positions {
                // The three corners where the finders are.
                if (x == 6 && y == 6) || (x == 6 && y == last) || (x == last && y == 6) { continue }
                for dy in -2...2 {
                    for dx in -2...2 { setFunction(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
                }
            }
        }
    }

    private var alignmentPositions: [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = version == 32 ? 26 : (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        let fromEnd = (0..<(count - 1)).map { size - 7 - $0 * step }
        return [6] + fromEnd.reversed()
    }

    /// 6 bits of version with a BCH(18,6) code, drawn twice; only from version 7 on.
    private mutating func drawVersion() {
        guard version >= 7 else { return }
        var remainder = version
        for _ in 0..<12 { remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1F25) }
        let bits = version << 12 | remainder
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            let long = size - 11 + index % 3
            let short = index / 3
            setFunction(long, short, isDark)
            setFunction(short, long, isDark)
        }
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }
}
