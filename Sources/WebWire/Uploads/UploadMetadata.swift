/// What a client says of the file that it uploads: the `Upload-Metadata` of tus 1.0.0, pairs of a key and a value in
/// base64, with commas between them; a value may be missing.
public struct UploadMetadata: Sendable, Equatable {
    public static let maximumLength = 8192
    public static let maximumPairs = 64

    public let values: [String: [UInt8]]

    /// Nil if it is not of that form, has a key twice, or is too long.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        var values: [String: [UInt8]] = [:]
        let isBlank = text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        for pair in isBlank ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = pair.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let key = words.first.map(String.init), words.count <= 2, values[key] == nil,
                values.count < Self.maximumPairs, key.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
                let value = words.count == 2 ? Base64.decode(words[1]) : []
            else { return nil }
            values[key] = value
        }
        self.values = values
    }

    public init(values: [String: [UInt8]]) {
        self.values = values
    }

    /// As it is sent; sorted by key.
    public var description: String {
        values.sorted { $0.key < $1.key }
            .map { $0.value.isEmpty ? $0.key : "\($0.key) \(Base64.encode($0.value))" }.joined(separator: ",")
    }

    /// Where the file wants to be: `relativePath` for one of a folder, otherwise `filename` or `name`; nil without any.
    public var path: [String]? {
        for key in ["relativePath", "filename", "name"] {
            // Some clients write what they do not have in words.
            guard let bytes = values[key], !bytes.isEmpty, bytes != Array("null".utf8) || key == "filename" else {
                continue
            }
            return UploadPath.components(String(decoding: bytes, as: UTF8.self))
        }
        return nil
    }
}
