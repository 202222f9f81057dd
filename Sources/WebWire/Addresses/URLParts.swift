import Metainfo

/// The parts of an address or of a relative reference (RFC 3986 §3, §4.1), path and query percent-encoded.
struct URLParts: Equatable {
    /// In lower case.
    var scheme: String?
    var authority: String?
    var path = ""
    var query: String?

    init(_ text: String) throws(HTTPURLError) {
        guard text.utf8.count <= HTTPURL.maximumLength else { throw .tooLong }
        var rest = Array(text.utf8)[...]
        while let first = rest.first, first <= 0x20 { rest.removeFirst() }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        if let end = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<end] }
        if let start = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = Self.encoded(rest[(start + 1)...])
            rest = rest[..<start]
        }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(rest[..<colon]) {
            scheme = String(decoding: rest[..<colon], as: UTF8.self).lowercased()
            rest = rest[(colon + 1)...]
        }
        if rest.starts(with: Array("//".utf8)) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            authority = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[end...]
        }
        path = Self.encoded(rest)
    }

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { byte in
            isLetter(byte) || (0x30...0x39).contains(byte) || [UInt8]("+-.".utf8).contains(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// What is encoded already stays; a `%` that encodes nothing is encoded itself.
    private static func encoded(_ bytes: ArraySlice<UInt8>) -> String {
        var output = ""
        var index = bytes.startIndex
        var plain: [UInt8] = []
        while index < bytes.endIndex {
            let byte = bytes[index]
            let isEscape =
                byte == UInt8(ascii: "%") && index + 2 < bytes.endIndex
                && isHexadecimal(bytes[index + 1]) && isHexadecimal(bytes[index + 2])
            if isEscape {
                output += PercentCoding.encoded(bytes: plain, keeping: kept)
                plain = []
                output += String(decoding: bytes[index...index + 2], as: UTF8.self)
                index += 3
            } else {
                plain.append(byte)
                index += 1
            }
        }
        return output + PercentCoding.encoded(bytes: plain, keeping: kept)
    }

    private static let kept = "/?:@!$&'()*+,;=[]"

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}

/// Takes `.` and `..` out of a path that begins with a slash (RFC 3986 §5.2.4).
enum DotSegments {
    static func removed(from path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: ".")) else { return path }
        var output: [Substring] = []
        let segments = path.dropFirst(path.hasPrefix("/") ? 1 : 0).split(
            separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".":
                if isLast { output.append("") }
            case "..":
                if !output.isEmpty { output.removeLast() }
                if isLast { output.append("") }
            default: output.append(segment)
            }
        }
        return "/" + output.joined(separator: "/")
    }
}
