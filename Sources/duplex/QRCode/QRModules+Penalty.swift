extension QRModules {
    /// How hard the symbol is to read, by the four rules of ISO/IEC 18004 §7.8.3; lower is better.
    var penalty: Int {
        var total = balancePenalty + blockPenalty
        for line in 0..<size {
            total += Self.linePenalty((0..<size).map { self[$0, line] })
            total += Self.linePenalty((0..<size).map { self[line, $0] })
        }
        return total
    }

    /// Runs of five or more equal modules, and patterns that look like a finder beside four light modules.
    private static func linePenalty(_ line: [Bool]) -> Int {
        var total = 0
        var run = 0
        for index in line.indices {
            run = index > 0 && line[index] == line[index - 1] ? run + 1 : 1
            if run == 5 { total += 3 } else if run > 5 { total += 1 }
        }
        // Outside the symbol is the quiet zone, so a finder-like pattern at the edge counts too.
        let padded = [Bool](repeating: false, count: 4) + line + [Bool](repeating: false, count: 4)
        let finder = [true, false, true, true, true, false, true]
        for start in 4...(padded.count - 11) where padded[start..<(start + 7)].elementsEqual(finder) {
            if !padded[(start - 4)..<start].contains(true) { total += 40 }
            if !padded[(start + 7)..<(start + 11)].contains(true) { total += 40 }
        }
        return total
    }

    /// Squares of two by two equal modules.
    private var blockPenalty: Int {
        var total = 0
        for y in 0..<(size - 1) {
            for x in 0..<(size - 1) {
                let first = self[x, y]
                if first == self[x + 1, y], first == self[x, y + 1], first == self[x + 1, y + 1] { total += 3 }
            }
        }
        return total
    }

    /// Ten points for each 5 % that the share of dark modules is away from half.
    private var balancePenalty: Int {
        var darkCount = 0
        for y in 0..<size {
            for x in 0..<size where self[x, y] { darkCount += 1 }
        }
        let modules = size * size
        return abs(darkCount * 20 - modules * 10) / modules * 10
    }
}
