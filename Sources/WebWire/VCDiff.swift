/// What makes one text out of another: VCDIFF (RFC 3284), with one window over the whole source, the default code table,
/// and the instructions ADD, RUN and COPY from the source or from what is there of the target.
///
/// Duplex sends a new version's torrent as its difference from the one before (RFC 3229): of a folder of 10,000 files
/// that is some kilobytes for a hundred changes, where the whole would be megabytes.
public enum VCDiff {
    /// Why a difference cannot be applied.
    public enum Failure: Error, Sendable, Equatable {
        /// It ends too early, or a number in it is too large.
        case malformed
        /// It asks for something of RFC 3284 that is not understood here: compression, another code table, several
        /// windows' sources, address modes.
        case unsupported
        /// What comes out would be longer than it may be.
        case tooLong
    }

    static let magic: [UInt8] = [0xD6, 0xC3, 0xC4, 0x00]
    static let windowHasSource: UInt8 = 1
    /// The default code table (§5.6): the first entries of each kind, whose sizes follow as numbers of their own, and
    /// those with sizes in the code.
    static let run: UInt8 = 0
    static let add: UInt8 = 1
    static let copy: UInt8 = 19
}

/// Numbers of VCDIFF: seven bits a byte, the highest first, the top bit set on all but the last (§2).
struct VCDiffReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func byte() throws(VCDiff.Failure) -> UInt8 {
        guard let byte = bytes.popFirst() else { throw .malformed }
        return byte
    }

    mutating func number() throws(VCDiff.Failure) -> Int {
        var value = 0
        for _ in 0..<5 {
            let byte = try byte()
            value = value << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed
    }

    mutating func take(_ count: Int) throws(VCDiff.Failure) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count else { throw .malformed }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }
}

extension [UInt8] {
    mutating func appendVCDiffNumber(_ value: Int) {
        var groups: [UInt8] = [UInt8(value & 0x7F)]
        var rest = value >> 7
        while rest > 0 {
            groups.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        append(contentsOf: groups.reversed())
    }
}
