/// Reed-Solomon error correction over GF(2⁸) with the polynomial x⁸+x⁴+x³+x²+1 that QR codes use
/// (ISO/IEC 18004 §7.5, annex A).
struct ReedSolomon: Sendable {
    /// Coefficients of the generator polynomial, highest power first, without the leading 1.
    private let divisor: [UInt8]

    init(degree: Int) {
        var divisor = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                divisor[index] = Self.multiply(divisor[index], root)
                if index + 1 < degree { divisor[index] ^= divisor[index + 1] }
            }
            root = Self.multiply(root, 2)
        }
        self.divisor = divisor
    }

    /// The error correction codewords of the data.
    func remainder(of data: some Sequence<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result[0]
            for index in 0..<(result.count - 1) {
                result[index] = result[index + 1] ^ Self.multiply(divisor[index], factor)
            }
            result[result.count - 1] = Self.multiply(divisor[result.count - 1], factor)
        }
        return result
    }

    private static func multiply(_ x: UInt8, _ y: UInt8) -> UInt8 {
        var product: UInt8 = 0
        for bit in stride(from: 7, through: 0, by: -1) {
            product = (product << 1) ^ (product & 0x80 != 0 ? 0x1D : 0)
            if y >> UInt8(bit) & 1 == 1 { product ^= x }
        }
        return product
    }
}
