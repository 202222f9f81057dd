import Metainfo

/// Builds `Content-Disposition` (RFC 6266), with the name in both forms: plain for old programs, UTF-8 for the rest.
public enum ContentDisposition {
    /// For a download that should be saved under `name`.
    public static func attachment(_ name: String) -> String { value("attachment", name) }

    /// For what a browser may show itself.
    public static func inline(_ name: String) -> String { value("inline", name) }

    private static func value(_ kind: String, _ name: String) -> String {
        // Quotes, backslashes and what is not ASCII would be read differently by different browsers.
        let plain = name.utf8.map { byte in
            (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                && byte != UInt8(ascii: "%") ? byte : UInt8(ascii: "_")
        }
        let text = String(decoding: plain, as: UTF8.self)
        guard text != name else { return "\(kind); filename=\"\(text)\"" }
        return "\(kind); filename=\"\(text)\"; filename*=UTF-8''\(PercentCoding.encoded(name))"
    }
}
