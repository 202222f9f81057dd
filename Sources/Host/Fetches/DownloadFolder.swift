#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the owner's page fetches to when nobody names a folder: `~/Downloads/Duplex`.
enum DownloadFolder {
    static let path = (getenv("HOME").map { String(cString: $0) } ?? "") + "/Downloads/Duplex"

    /// Makes the folder when something is to be fetched into it, and no other: one that a user names must be there.
    static func prepare(_ folder: String) {
        guard folder == path, getenv("HOME") != nil, path.hasPrefix("/") else { return }
        mkdir(String(path.dropLast("/Duplex".count)), 0o755)
        mkdir(path, 0o755)
    }
}
