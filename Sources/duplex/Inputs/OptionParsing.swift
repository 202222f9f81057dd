import ArgumentParser
import Host
import Metainfo

extension TorrentFormat: ExpressibleByArgument {}

/// How options become values; what cannot be one is wrong usage (exit status 64).
enum OptionParsing {
    static func listen(_ text: String) throws -> ListenPreference {
        do {
            return try ListenPreference(parsing: text)
        } catch {
            throw ValidationError("--listen takes HOST:PORT, such as 192.168.1.4:27272 or [fe80::1%eth0]:0")
        }
    }

    static func peer(_ text: String) throws -> HostAndPort {
        guard let address = HostAndPort(parsing: text) else {
            throw ValidationError("--peer takes HOST:PORT, such as 192.168.1.4:27272 or [fe80::1%eth0]:27272")
        }
        return address
    }

    static func pieceLength(_ text: String) throws -> Int {
        let range = PieceLength.minimumV2...PieceLength.maximum
        guard let length = Int(text), range.contains(length), length.nonzeroBitCount == 1 else {
            throw ValidationError(
                "--piece-length takes a power of two from \(range.lowerBound) to \(range.upperBound) bytes, "
                    + "such as 1048576 for 1 MiB")
        }
        return length
    }

    static func trackerURL(_ text: String) throws -> String {
        try url(text, option: "--tracker", schemes: ["http", "https", "udp"])
    }

    static func webSeedURL(_ text: String) throws -> String {
        try url(text, option: "--web-seed", schemes: ["http", "https", "ftp"])
    }

    private static func url(_ text: String, option: String, schemes: [String]) throws -> String {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let isClean = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard parts.count == 2, schemes.contains(parts[0].lowercased()), !parts[1].isEmpty, isClean else {
            let beginnings = schemes.dropLast().map { $0 + "://" }.joined(separator: ", ")
            let last = (schemes.last ?? "") + "://"
            throw ValidationError("\(option) takes a URL that begins with \(beginnings) or \(last), not '\(text)'")
        }
        return text
    }
}
