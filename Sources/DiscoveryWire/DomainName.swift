/// A domain name (RFC 1035 §3.1): labels of 1 to 63 arbitrary bytes, at most 255 bytes on the wire.
///
/// Names are equal if they differ only in the case of ASCII letters (RFC 6762 §16); the case is kept.
public struct DomainName: Sendable {
    /// Longest name on the wire: lengths, labels and the closing zero.
    public static let maximumLength = 255
    /// Longest label.
    public static let maximumLabelLength = 63

    /// Lengths, labels and the closing zero, uncompressed.
    public let wire: [UInt8]
    /// The same in lower case, which is what names are compared by. Length bytes are no letters.
    let folded: [UInt8]

    /// - Throws: ``DiscoveryWireError`` when a label is empty or too long, or the name as a whole.
    public init(labels: some Sequence<[UInt8]>) throws(DiscoveryWireError) {
        var wire: [UInt8] = []
        for label in labels {
            guard (1...Self.maximumLabelLength).contains(label.count) else { throw .badLabel(offset: wire.count) }
            guard wire.count + label.count + 2 <= Self.maximumLength else { throw .nameTooLong }
            wire.append(UInt8(label.count))
            wire += label
        }
        wire.append(0)
        self.init(validWire: wire)
    }

    /// `label` in front of this name.
    public func prepending(_ label: some StringProtocol) throws(DiscoveryWireError) -> DomainName {
        let bytes = Array(label.utf8)
        guard (1...Self.maximumLabelLength).contains(bytes.count) else { throw .badLabel(offset: 0) }
        guard bytes.count + 1 + wire.count <= Self.maximumLength else { throw .nameTooLong }
        return DomainName(validWire: [UInt8(bytes.count)] + bytes + wire)
    }

    public static let root = DomainName(validWire: [0])

    init(validWire: [UInt8]) {
        wire = validWire
        let needsFolding = validWire.contains { Self.upperCase.contains($0) }
        folded = needsFolding ? validWire.map { Self.upperCase.contains($0) ? $0 | 0x20 : $0 } : validWire
    }

    public var labels: [[UInt8]] {
        var labels: [[UInt8]] = []
        var at = 0
        while wire[at] != 0 {
            let end = at + 1 + Int(wire[at])
            labels.append(Array(wire[(at + 1)..<end]))
            at = end
        }
        return labels
    }

    /// The first label as text; bytes that are not UTF-8 become replacement characters.
    public var firstLabel: String {
        String(decoding: wire.dropFirst().prefix(Int(wire[0])), as: UTF8.self)
    }

    /// The name without its first label; the root's is the root.
    public var parent: DomainName {
        wire.count == 1 ? self : DomainName(validWire: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// Whether this name is `other` or below it.
    public func isWithin(_ other: DomainName) -> Bool {
        var at = 0
        while folded.count - at > other.folded.count { at += 1 + Int(folded[at]) }
        return folded[at...].elementsEqual(other.folded)
    }

    private static let upperCase = UInt8(ascii: "A")...UInt8(ascii: "Z")
}

extension DomainName: Hashable {
    public static func == (left: DomainName, right: DomainName) -> Bool {
        left.folded == right.folded
    }

    public func hash(into hasher: inout Hasher) {
        // In one go: an array is hashed byte by byte. The closing zero tells where it ends.
        folded.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
