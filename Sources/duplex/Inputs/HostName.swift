#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What this computer is called.
enum HostName {
    /// Its host name without the domain.
    static var ofThisComputer: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "computer" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).split(separator: ".").first.map(String.init) ?? ""
        return name.isEmpty ? "computer" : name
    }
}
