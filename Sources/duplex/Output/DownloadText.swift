import Host
import Metainfo

/// What `get` says when a file of a web server is there.
enum DownloadText {
    static func json(_ result: WebDownloadResult) -> JSONValue {
        [
            "event": "done", "path": .string(result.path), "bytes": .integer(result.bytes),
            "seconds": .number((result.seconds * 1000).rounded() / 1000), "verified": JSONValue(result.verifiedBy),
        ]
    }

    static func line(_ result: WebDownloadResult, terminal: Terminal) -> String {
        let place = terminal.bold(VisibleText.escaped(result.path))
        let size = ByteCount.size(result.bytes)
        let trust =
            result.verifiedBy.map { "every byte verified by the server's \($0)" }
            ?? "not verified, since the server does not say what it hashes to"
        if result.downloaded == 0, result.seconds == 0 { return "\(place): \(size), already here, \(trust)" }
        let rate = ByteCount.rate(bytes: result.downloaded, seconds: result.seconds)
        let time = "\(DurationText.elapsed(result.seconds))\(rate.map { " (\($0))" } ?? "")"
        return "\(place): \(size) in \(time), \(trust)"
    }
}
