import Metainfo

/// What the header of a part says.
public struct FormDataPart: Sendable, Equatable {
    /// The field's name, as it came.
    public let name: String
    /// For a file, safe path components below the folder that takes uploads: one, or more when a browser sends a folder.
    /// Never empty; a name of which nothing usable is left is `_`.
    public let path: [String]?
    /// As the sender says; not to be believed.
    public let mediaType: String?

    public init(name: String, path: [String]?, mediaType: String?) {
        self.name = name
        self.path = path
        self.mediaType = mediaType
    }

    init(header: ArraySlice<UInt8>) throws(FormDataError) {
        var name: String?
        var path: [String]?
        var mediaType: String?
        // Names are UTF-8 in all browsers of today (RFC 7578 §5.1.2); other bytes become U+FFFD.
        for line in String(decoding: header, as: UTF8.self).split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { throw .malformedHeader }
            switch pair[0].lowercased() {
            case "content-disposition":
                guard name == nil else { throw .malformedHeader }
                let parameters = try Self.disposition(pair[1])
                guard let field = parameters["name"] else { throw .malformedHeader }
                name = field
                // An empty one is a field in which nothing was chosen.
                path = parameters["filename"].flatMap { $0.isEmpty ? nil : UploadPath.components($0) }
            case "content-type":
                mediaType = String(pair[1].drop { $0 == " " || $0 == "\t" })
            default: break
            }
        }
        guard let name else { throw .malformedHeader }
        self.init(name: name, path: path, mediaType: mediaType)
    }

    /// The parameters of a `form-data` disposition.
    ///
    /// Browsers write `%22`, `%0D` and `%0A` for what may not stand in a name, and a backslash for itself; other programs
    /// put one before quotes.
    private static func disposition(_ text: Substring) throws(FormDataError) -> [String: String] {
        var scanner = FieldScanner(text)
        scanner.skipWhitespace()
        guard scanner.token()?.lowercased() == "form-data" else { throw .malformedHeader }
        var parameters: [String: String] = [:]
        scanner.skipWhitespace()
        while scanner.take(";") {
            scanner.skipWhitespace()
            if scanner.isAtEnd { break }
            guard let name = scanner.token()?.lowercased(), scanner.take("="),
                let value = scanner.formString() ?? scanner.token()
            else { throw .malformedHeader }
            parameters[name] = parameters[name] ?? value
            scanner.skipWhitespace()
        }
        guard scanner.isAtEnd else { throw .malformedHeader }
        return parameters
    }
}

extension FieldScanner {
    /// A quoted string as forms have it: see ``FormDataPart``.
    fileprivate mutating func formString() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while true {
            text += takeUntil { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "%") }
            if take("\"") { return String(decoding: text, as: UTF8.self) }
            if takeText("\\\"") || takeText("%22") {
                text.append(UInt8(ascii: "\""))
            } else if takeText("\\\\") || take("\\") {
                text.append(UInt8(ascii: "\\"))
            } else if takeText("%0D") {
                text.append(0x0D)
            } else if takeText("%0A") {
                text.append(0x0A)
            } else if take("%") {
                text.append(UInt8(ascii: "%"))
            } else {
                return nil
            }
        }
    }
}
