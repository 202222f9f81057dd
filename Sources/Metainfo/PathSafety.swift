/// Makes file names out of what a torrent says, so that no torrent can write outside its folder.
///
/// Names are made safe rather than refused, in the way libtorrent does it, and always the same way, so that a host that
/// starts again finds the files it wrote.
public enum PathSafety {
    /// The longest component in bytes of UTF-8. File systems allow 255; the rest is for suffixes.
    public static let maximumComponentLength = 240

    /// A safe name made from one path component, or nil if nothing usable is left of it (empty, `.` or `..`).
    ///
    /// Slashes and backslashes are dropped. Control characters and invalid UTF-8 become `_`. What is too long is cut,
    /// but keeps a short extension.
    public static func safeComponent(_ bytes: [UInt8]) -> String? {
        if isPlain(bytes) { return String(decoding: bytes, as: UTF8.self) }
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        var name = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case UInt32(UInt8(ascii: "/")), UInt32(UInt8(ascii: "\\")): continue
            case 0..<0x20, 0x7F..<0xA0: name.append("_")
            case 0xFFFD where !isValid: name.append("_")
            default: name.append(scalar)
            }
        }
        let text = shortened(String(name))
        return text.isEmpty || text == "." || text == ".." ? nil : text
    }

    /// Safe components for a whole path; unusable ones are dropped, and `_` stands for a path with nothing left.
    public static func safePath(_ components: [[UInt8]]) -> [String] {
        let safe = components.compactMap { safeComponent($0) }
        return safe.isEmpty ? ["_"] : safe
    }

    /// Whether a name is left as it is by ``safeComponent(_:)``.
    public static func isSafe(_ component: String) -> Bool {
        if isPlain(component.utf8) { return true }
        guard let safe = safeComponent(Array(component.utf8)) else { return false }
        return safe.utf8.elementsEqual(component.utf8)
    }

    /// Whether a name is safe at first sight, as nearly all are: of a large torrent's each one is looked at.
    private static func isPlain(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, first != UInt8(ascii: "."), bytes.count <= maximumComponentLength else {
            return false
        }
        return bytes.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
        }
    }

    /// A safe name with a number before its extension, for a file whose own name is taken: `report (2).pdf`. The name as
    /// it is for 1.
    public static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        let (stem, suffix) = splitExtension(name)
        let ending = " (\(number))\(suffix)"
        guard stem.utf8.count + ending.utf8.count > maximumComponentLength else { return stem + ending }
        // An extension that leaves no room is none.
        guard ending.utf8.count <= maximumComponentLength / 2 else {
            return cut(name[...], to: maximumComponentLength - " (\(number))".utf8.count) + " (\(number))"
        }
        return cut(stem, to: maximumComponentLength - ending.utf8.count) + ending
    }

    /// The name and its extension with the dot; no extension for names like `.profile`.
    static func splitExtension(_ name: String) -> (stem: Substring, suffix: Substring) {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name[...], "") }
        return (name[..<dot], name[dot...])
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumComponentLength else { return name }
        var (stem, suffix) = splitExtension(name)
        if suffix.utf8.count > 16 { (stem, suffix) = (name[...], "") }
        return cut(stem, to: maximumComponentLength - suffix.utf8.count) + suffix
    }

    /// As much of the beginning as fits into so many bytes.
    private static func cut(_ text: Substring, to room: Int) -> String {
        var kept = String.UnicodeScalarView()
        var size = 0
        for scalar in text.unicodeScalars {
            size += String(scalar).utf8.count
            if size > room { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
