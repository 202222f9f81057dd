/// How many codewords a symbol of one version and error correction level has, and how data becomes codewords
/// (ISO/IEC 18004 §7.4 to §7.6, table 9).
struct QRCapacity: Sendable {
    let version: Int
    let errorCorrection: QRCode.ErrorCorrection

    /// Codewords of data and of error correction together.
    var totalCodewords: Int { Self.rawModules(version: version) / 8 }

    var dataCodewords: Int { totalCodewords - correctionPerBlock * blockCount }

    func holds(byteCount: Int) -> Bool {
        headerBits + byteCount * 8 <= dataCodewords * 8
    }

    /// All codewords in the order in which they are placed: data interleaved over the blocks, then the error
    /// correction likewise. `bytes` must fit (`holds`).
    func codewords(for bytes: [UInt8]) -> [UInt8] {
        interleave(paddedData(bytes))
    }

    // MARK: Data

    /// Bits of the mode indicator and the length.
    private var headerBits: Int { 4 + lengthBits }

    private var lengthBits: Int { version < 10 ? 8 : 16 }

    private func paddedData(_ bytes: [UInt8]) -> [UInt8] {
        var bits = QRBits()
        bits.append(0b0100, count: 4)
        bits.append(bytes.count, count: lengthBits)
        for byte in bytes { bits.append(Int(byte), count: 8) }
        bits.append(0, count: min(4, dataCodewords * 8 - bits.count))
        bits.append(0, count: (8 - bits.count % 8) % 8)
        var codewords = bits.bytes
        var pad: UInt8 = 0xEC
        while codewords.count < dataCodewords {
            codewords.append(pad)
            pad ^= 0xEC ^ 0x11
        }
        return codewords
    }

    // MARK: Blocks

    /// The first blocks are one data codeword shorter than the last ones when the data does not divide evenly.
    private func interleave(_ data: [UInt8]) -> [UInt8] {
        let shortLength = totalCodewords / blockCount - correctionPerBlock
        let longBlocks = totalCodewords % blockCount
        let code = ReedSolomon(degree: correctionPerBlock)
        var blocks: [ArraySlice<UInt8>] = []
        var corrections: [[UInt8]] = []
        var start = 0
        for block in 0..<blockCount {
            let length = shortLength + (block >= blockCount - longBlocks ? 1 : 0)
            blocks.append(data[start..<(start + length)])
            corrections.append(code.remainder(of: data[start..<(start + length)]))
            start += length
        }
        var result: [UInt8] = []
        result.reserveCapacity(totalCodewords)
        for column in 0...shortLength {
            for block in blocks where column < block.count {
                result.append(block[block.startIndex + column])
            }
        }
        for column in 0..<correctionPerBlock {
            for correction in corrections { result.append(correction[column]) }
        }
        return result
    }

    private var correctionPerBlock: Int {
        switch errorCorrection {
        case .low: Self.lowCorrectionPerBlock[version - 1]
        case .medium: Self.mediumCorrectionPerBlock[version - 1]
        }
    }

    private var blockCount: Int {
        switch errorCorrection {
        case .low: Self.lowBlocks[version - 1]
        case .medium: Self.mediumBlocks[version - 1]
        }
    }

    /// Modules left for codewords once the function patterns and the format and version fields are taken away.
    private static func rawModules(version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let alignments = version / 7 + 2
            modules -= (25 * alignments - 10) * alignments - 55
            if version >= 7 { modules -= 36 }
        }
        return modules
    }

    private static let lowCorrectionPerBlock = [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
        28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ]
    private static let mediumCorrectionPerBlock = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
        26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ]
    private static let lowBlocks = [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
        8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
    ]
    private static let mediumBlocks = [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
        17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ]
}

/// Bits collected most significant first.
private struct QRBits {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ value: Int, count bits: Int) {
        for shift in stride(from: bits - 1, through: 0, by: -1) {
            if count % 8 == 0 { bytes.append(0) }
            if value >> shift & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
    }
}
