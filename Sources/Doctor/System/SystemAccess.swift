#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How checks see the system: files below these folders, and programs. Tests give other ones.
struct SystemAccess: Sendable {
    var proc = "/proc"
    var sys = "/sys"
    var etc = "/etc"
    var isRoot = geteuid() == 0
    /// Runs a program of the system; nil if there is none of that name.
    var run: @Sendable (_ name: String, _ arguments: [String]) throws(LookFailure) -> ToolResult? = { name, arguments in
        try SystemTool.find(name)?.run(arguments)
    }
    /// The addresses of all interfaces, by name.
    var addresses: @Sendable () throws(LookFailure) -> [String: InterfaceAddresses] = InterfaceAddresses.read

    /// The text of a small file.
    func text(_ path: String) throws(LookFailure) -> String {
        String(decoding: try FileReading.bytes(path, limit: 8 << 20), as: UTF8.self)
    }

    /// The first line of a file of one line; nil if it cannot be read.
    func line(_ path: String) -> String? {
        guard let text = try? text(path) else { return nil }
        return String(text.prefix { $0 != "\n" })
    }

    func number(_ path: String) -> Int? {
        line(path).flatMap { Int($0) }
    }
}

/// What a program printed.
struct ToolResult: Sendable, Equatable {
    var status: Int32
    var output: String
    var errors: String

    var succeeded: Bool { status == 0 }

    /// The first line of what it said went wrong.
    var complaint: String {
        let line = errors.split(separator: "\n").first ?? output.split(separator: "\n").first
        return line.map(String.init) ?? "it ended with status \(status)"
    }
}

enum SystemError {
    /// The system's words for an `errno` value, to stand within a sentence.
    static func text(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
