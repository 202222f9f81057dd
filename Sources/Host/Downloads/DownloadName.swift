import Metainfo
import WebWire

/// What a file of a web server is called here.
enum DownloadName {
    /// What the server says, else the end of the address that was asked for, else of the one that answered.
    ///
    /// - Returns: a safe name. One that the user did not write never begins with a dot: such files have a meaning to
    ///   programs, and are not seen.
    static func choose(_ disposition: String?, asked: HTTPURL, answered: HTTPURL) -> String {
        if let said = disposition.flatMap(ContentDisposition.fileName(of:)), let name = visible(said) { return name }
        if let name = PathSafety.safeComponent(asked.lastComponent) { return name }
        if let name = visible(answered.lastComponent) { return name }
        return "index.html"
    }

    private static func visible(_ bytes: [UInt8]) -> String? {
        PathSafety.safeComponent(bytes).map { $0.hasPrefix(".") ? "_" + $0.dropFirst() : $0 }
    }
}
