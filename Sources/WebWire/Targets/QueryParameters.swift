import Metainfo

/// The fields of a query or of an urlencoded form, as bytes: an info-hash is no text.
public struct QueryParameters: Sendable, Equatable {
    /// The most fields that are read; what follows is left out.
    public static let maximumCount = 256

    /// Decoded names and values in the order in which they came.
    public let fields: [(name: [UInt8], value: [UInt8])]

    /// A plus stands for a space only where the writer is a browser's form.
    public init(parsing query: String, plusIsSpace: Bool = false) {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        for part in query.split(separator: "&") {
            guard fields.count < Self.maximumCount else { break }
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.decoded(pair[0], plusIsSpace: plusIsSpace)
            let value = pair.count == 2 ? PercentCoding.decoded(pair[1], plusIsSpace: plusIsSpace) : []
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The first value under this name.
    public func bytes(_ name: String) -> [UInt8]? {
        fields.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// All values under this name.
    public func all(_ name: String) -> [[UInt8]] {
        fields.compactMap { $0.name.elementsEqual(name.utf8) ? $0.value : nil }
    }

    /// The first value under this name, if it is UTF-8.
    public func text(_ name: String) -> String? {
        bytes(name).flatMap { String(validating: $0, as: UTF8.self) }
    }

    public static func == (left: QueryParameters, right: QueryParameters) -> Bool {
        left.fields.elementsEqual(right.fields) { $0 == $1 }
    }
}
