/// The type of a record, or what a question asks for.
public struct RecordType: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let a = RecordType(rawValue: 1)
    public static let ptr = RecordType(rawValue: 12)
    public static let txt = RecordType(rawValue: 16)
    public static let aaaa = RecordType(rawValue: 28)
    public static let srv = RecordType(rawValue: 33)
    public static let nsec = RecordType(rawValue: 47)
    /// In questions only: all types.
    public static let any = RecordType(rawValue: 255)

    public static func < (left: RecordType, right: RecordType) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Whether a question for this type is answered by a record of `other`.
    public func matches(_ other: RecordType) -> Bool {
        self == .any || self == other
    }
}
