#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

enum ErrorText {
    /// The system's words for an `errno` value, to stand within a sentence.
    static func of(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
