#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The system's words for what went wrong, to stand within a sentence.
enum SystemText {
    /// For an `errno` value.
    static func error(_ code: Int32) -> String {
        withinSentence(String(cString: strerror(code)))
    }

    /// For a result of `getaddrinfo`.
    static func lookup(_ status: Int32) -> String {
        withinSentence(String(cString: gai_strerror(status)))
    }

    private static func withinSentence(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}
