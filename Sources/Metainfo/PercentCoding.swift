/// Percent encoding (RFC 3986) as links and requests use it.
public enum PercentCoding {
    /// All but unreserved characters, and those in `kept`, as `%XX` of their UTF-8 bytes.
    public static func encoded(_ text: String, keeping kept: String = "") -> String {
        encoded(bytes: text.utf8, keeping: kept)
    }

    /// The same for bytes that need not be text, such as an info-hash.
    public static func encoded(bytes: some Sequence<UInt8>, keeping kept: String = "") -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            case _ where kept.utf8.contains(byte):
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                output.append(digit(byte >> 4))
                output.append(digit(byte & 15))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// The bytes that `text` stands for; a `%` without two digits stands for itself.
    public static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> [UInt8] {
        let input = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            if input[index] == UInt8(ascii: "%"), index + 2 < input.count,
                let high = Hexadecimal.digit(input[index + 1]), let low = Hexadecimal.digit(input[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
                continue
            }
            output.append(plusIsSpace && input[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : input[index])
            index += 1
        }
        return output
    }

    /// The bytes that `bytes` stand for; nil if a `%` is there without two digits.
    public static func strictlyDecoded(bytes: some Sequence<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(Hexadecimal.digit), let low = rest.next().flatMap(Hexadecimal.digit)
            else { return nil }
            output.append(high << 4 | low)
        }
        return output
    }

    static func decodedText(_ text: Substring) -> String {
        String(decoding: decoded(text), as: UTF8.self)
    }
}
