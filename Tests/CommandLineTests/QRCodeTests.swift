import Testing

@testable import duplex

/// The reference symbols were made by another encoder (segno 1.6.6), from texts that fill the symbol exactly.
@Suite struct QRCodeTests {
    @Test func smallSymbolIsTheOneThatAnotherEncoderMakes() throws {
        let code = try #require(QRCode(bytes: Array("magnet:?xt=urn:btih:0123456789ab".utf8), mask: 3))
        let rows = (0..<code.size).map { y in
            (0..<code.size).map { x in code[x, y] ? "#" : "." }.joined()
        }
        #expect(rows == Self.reference)
        #expect(code.version == 2)
        #expect(code.errorCorrection == .low)
    }

    @Test(
        arguments: [
            // Bytes of text, version, mask, FNV-1a of the modules. Version 7 is the first with a version field.
            (17, 1, 2, 0x9C1BF3D92CC16521),
            (154, 7, 0, 0xDFB5A104958F6839),
            (154, 7, 1, 0xC82CA48497684956),
            (154, 7, 4, 0x4E28FA8CBB1DDE8F),
            (154, 7, 5, 0x585AB631DAC2213D),
            (154, 7, 6, 0xE2ADB965911A6211),
            (154, 7, 7, 0xBCF174F104014707),
            (271, 10, 2, 0xF8406AFADD2044C7),
            (1367, 26, 2, 0x861018839F5E8E5D),
            (1952, 32, 2, 0x6D96E72AE9674CD2),
            (2953, 40, 2, 0xAA90EFF39D7536C5),
        ] as [(Int, Int, Int, UInt64)])
    func symbolsOfAllSizesAreTheOnesThatAnotherEncoderMakes(
        length: Int, version: Int, mask: Int, hash: UInt64
    ) throws {
        let text = (0..<length).map { (index: Int) -> UInt8 in
            let letter = (index * 7 + index / 26) % 26
            return UInt8(97 + letter)
        }
        let code = try #require(QRCode(bytes: text, mask: mask))
        #expect(code.version == version)
        #expect(code.errorCorrection == .low)
        #expect(Self.hash(code) == hash)
    }

    @Test func strongerCorrectionIsTakenWhenItCostsNothing() throws {
        for (length, expected) in [(5, QRCode.ErrorCorrection.medium), (14, .medium), (15, .low)] {
            let code = try #require(QRCode(bytes: [UInt8](repeating: 97, count: length)))
            #expect(code.version == 1)
            #expect(code.errorCorrection == expected)
        }
    }

    @Test func theBestMaskHasTheLowestPenalty() throws {
        let bytes = Array("magnet:?xt=urn:btih:631a31dd0a46257d5078c0dee4e66e26f73e42ac".utf8)
        let best = try #require(QRCode(bytes: bytes))
        for mask in 0...7 {
            let other = try #require(QRCode(bytes: bytes, mask: mask))
            #expect(best.penalty <= other.penalty)
        }
    }

    @Test func textBeyondTheLargestSymbolIsRefused() {
        #expect(QRCode(bytes: [UInt8](repeating: 0, count: 2953)) != nil)
        #expect(QRCode(bytes: [UInt8](repeating: 0, count: 2954)) == nil)
        #expect(QRCode("") != nil)
    }

    @Test func errorCorrectionMatchesThePublishedExample() {
        // "HELLO WORLD" as 1-M.
        let data: [UInt8] = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
        #expect(ReedSolomon(degree: 10).remainder(of: data) == [196, 35, 39, 119, 235, 215, 231, 226, 93, 23])
    }

    @Test(arguments: [true, false])
    func drawingShowsEachModuleAndTheQuietZone(colored: Bool) throws {
        let code = try #require(QRCode("duplex"))
        let lines = code.terminalLines(quietZone: 2, colored: colored)
        #expect(lines.count == code.rows(quietZone: 2))
        for (row, line) in lines.enumerated() {
            let glyphs = line.filter { "█▀▄ ".contains($0) }
            #expect(glyphs.count == code.columns(quietZone: 2))
            for (column, glyph) in glyphs.enumerated() {
                let upperIsInk = glyph == "█" || glyph == "▀"
                let lowerIsInk = glyph == "█" || glyph == "▄"
                #expect((upperIsInk == colored) == code[column - 2, row * 2 - 2])
                #expect((lowerIsInk == colored) == code[column - 2, row * 2 - 1])
            }
        }
    }

    private static func hash(_ code: QRCode) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for y in 0..<code.size {
            for x in 0..<code.size {
                hash ^= code[x, y] ? 1 : 0
                hash &*= 0x100_0000_01B3
            }
        }
        return hash
    }

    private static let reference = [
        "#######.#.####..#.#######",
        "#.....#....#..#...#.....#",
        "#.###.#.#....##...#.###.#",
        "#.###.#.#.##.####.#.###.#",
        "#.###.#.#....####.#.###.#",
        "#.....#...#.##..#.#.....#",
        "#######.#.#.#.#.#.#######",
        "..........#.#.##.........",
        "####..#.##..#...##..###.#",
        "###.....##.####.##.#.....",
        "##..######.#.##.....###..",
        ".#...#.#..####.##..#####.",
        "..#...####...#..#.#####.#",
        ".#.......#.....#..#######",
        ".####.#...#.##..###.#..#.",
        "#...#...###.....#####..##",
        "...#.####.###########.#.#",
        "........#.##.##.#...###.#",
        "#######..##.#...#.#.#..##",
        "#.....#..#.##..##...##.#.",
        "#.###.#..#..#...######...",
        "#.###.#.#####.#######....",
        "#.###.#.#..####...#.#..#.",
        "#.....#.##.#.#.#.#.##.#..",
        "#######.#....#...##.#.###",
    ]
}
