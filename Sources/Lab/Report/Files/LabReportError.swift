#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a report could not be written. Its description says what failed, why, and what to do about it.
public struct LabReportError: Error, Sendable, Equatable, CustomStringConvertible {
    public var path: String
    /// The system's number for what went wrong, such as `ENOSPC`.
    public var code: Int32

    public init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    public var description: String {
        "cannot write the report to \(path), \(reason), \(remedy)"
    }

    private var reason: String {
        let text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private var remedy: String {
        switch code {
        case ENOSPC, EDQUOT: "free some space or choose another folder"
        case EROFS, EACCES, EPERM: "choose a folder that you may write to"
        case ENOTDIR, EISDIR: "choose another name for the folder"
        default: "choose another folder"
        }
    }
}
