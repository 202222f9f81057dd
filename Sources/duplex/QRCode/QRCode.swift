/// A QR code (ISO/IEC 18004, Model 2) for a text in byte mode, versions 1 to 40: a square of dark and light modules.
///
/// The smallest version that holds the text at error correction level L is taken; when the text also fits that
/// version at level M, M is used, since it costs nothing. The mask is the one with the lowest penalty.
struct QRCode: Sendable, Equatable {
    enum ErrorCorrection: Sendable, Equatable {
        /// Recovers about 7 % of the codewords.
        case low
        /// Recovers about 15 % of the codewords.
        case medium
    }

    let version: Int
    let errorCorrection: ErrorCorrection
    let mask: Int
    private let modules: QRModules

    /// Modules on each side, without the quiet zone.
    var size: Int { modules.size }

    /// Whether the module is dark. Everything outside the symbol is light, as the quiet zone is.
    subscript(x: Int, y: Int) -> Bool {
        guard (0..<size).contains(x), (0..<size).contains(y) else { return false }
        return modules[x, y]
    }

    /// How hard the symbol is to read; the mask is chosen to make this small.
    var penalty: Int { modules.penalty }

    /// nil if the text is longer than the largest symbol holds (2953 bytes).
    init?(_ text: String) {
        self.init(bytes: Array(text.utf8))
    }

    /// `mask` (0 to 7) is for comparing with other encoders; without it the best one is taken.
    init?(bytes: [UInt8], mask forcedMask: Int? = nil) {
        guard
            let version = (1...40).first(where: {
                QRCapacity(version: $0, errorCorrection: .low).holds(byteCount: bytes.count)
            })
        else { return nil }
        let medium = QRCapacity(version: version, errorCorrection: .medium)
        let capacity =
            medium.holds(byteCount: bytes.count) ? medium : QRCapacity(version: version, errorCorrection: .low)

        var blank = QRModules(version: version)
        blank.drawFunctionPatterns()
        blank.drawCodewords(capacity.codewords(for: bytes))

        func masked(_ mask: Int) -> QRModules {
            var modules = blank
            modules.applyMask(mask)
            modules.drawFormat(errorCorrection: capacity.errorCorrection, mask: mask)
            return modules
        }
        var best: (penalty: Int, mask: Int, modules: QRModules)?
        for mask in forcedMask.map({ $0...$0 }) ?? 0...7 {
            let candidate = masked(mask)
            let penalty = candidate.penalty
            if let best, best.penalty <= penalty { continue }
            best = (penalty, mask, candidate)
        }
        guard let best else { return nil }
        self.version = version
        self.errorCorrection = capacity.errorCorrection
        self.mask = best.mask
        self.modules = best.modules
    }
}
