/// What `Accept-Encoding` permits (RFC 9110 §12.5.3), as far as this host can code: `gzip` or nothing.
public struct AcceptEncoding: Sendable, Equatable {
    public enum Coding: Sendable, Equatable {
        case identity
        case gzip
    }

    /// More than anybody needs; what stands behind them is not read.
    private static let maximumItems = 32

    /// Weights in thousandths; nil for what is not named.
    private var gzip: Int?
    private var identity: Int?
    private var others: Int?

    /// - Parameter values: of all fields of that name; what cannot be read is as if it were not there.
    public init(_ values: [String]) {
        var scanner = FieldScanner(values.joined(separator: ","))
        var isFirst = true
        for _ in 0..<Self.maximumItems {
            if !isFirst || scanner.next == UInt8(ascii: ",") {
                guard scanner.nextListItem() else { return }
            }
            isFirst = false
            scanner.skipWhitespace()
            let name = scanner.token()?.lowercased()
            let weight = Self.weight(&scanner)
            guard let name, let weight else {
                // Whatever it is, it ends with the next comma.
                _ = scanner.takeUntil { $0 == UInt8(ascii: ",") }
                continue
            }
            switch name {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, weight)
            case "identity": identity = weight
            case "*": others = weight
            default: break
            }
        }
    }

    /// `;q=0.8`, or nothing, which is 1. Nil for anything else.
    private static func weight(_ scanner: inout FieldScanner) -> Int? {
        scanner.skipWhitespace()
        guard scanner.take(";") else { return isItemEnd(scanner) ? 1000 : nil }
        scanner.skipWhitespace()
        guard scanner.take("q") || scanner.take("Q"), scanner.take("="), let whole = scanner.number(), whole <= 1 else {
            return nil
        }
        var weight = Int(whole) * 1000
        if scanner.take(".") {
            let digits = Array(scanner.takeUntil { !(0x30...0x39).contains($0) })
            guard digits.count <= 3 else { return nil }
            for (digit, place) in zip(digits, [100, 10, 1]) { weight += Int(digit - 0x30) * place }
        }
        guard weight <= 1000 else { return nil }
        scanner.skipWhitespace()
        return isItemEnd(scanner) ? weight : nil
    }

    private static func isItemEnd(_ scanner: FieldScanner) -> Bool {
        scanner.isAtEnd || scanner.next == UInt8(ascii: ",")
    }

    /// What to send of something that could be had in either way; nil if the client takes neither.
    public var preferred: Coding? {
        let gzip = gzip ?? others ?? 0
        // Acceptable unless it is said that it is not.
        let plain = identity ?? others ?? 1000
        if gzip > 0, identity == nil || gzip >= plain { return .gzip }
        return plain > 0 ? .identity : nil
    }
}
