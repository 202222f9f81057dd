import Metainfo

/// A share of a host by name, or something in it: HOST/SHARE or HOST/SHARE/PATH.
struct ShareName: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let share: String
    let path: String?

    /// nil unless there is a host and a share.
    init?(parsing text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        host = parts[0]
        share = parts[1]
        let rest = parts.count > 2 ? parts[2].split(separator: "/").joined(separator: "/") : ""
        path = rest.isEmpty ? nil : rest
    }

    var description: String { [host, share, path].compactMap(\.self).joined(separator: "/") }
}

/// What `get` takes: a magnet link, the name of a .torrent file, a share of a host by name, or a web address.
enum GetSource: Sendable {
    /// What is there shows when its server is asked.
    case web(String)
    case magnet(MagnetLink)
    case torrent(Torrent)
    case named(ShareName)

    init(_ argument: String) throws(CommandFailure) {
        let lowercased = argument.lowercased()
        if lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://") {
            self = .web(argument)
            return
        }
        if let scheme = Self.scheme(lowercased) {
            throw CommandFailure(
                "cannot fetch \(VisibleText.escaped(argument))",
                why: "\(scheme):// is not there, Duplex reads http:// only",
                remedy: "give an http:// address, a magnet link, a .torrent file or HOST/SHARE")
        }
        if let name = Self.name(argument) {
            self = .named(name)
            return
        }
        // What is no file, and could be a host's name, is meant as one.
        let isName =
            !argument.contains("/") && !argument.hasSuffix(".torrent") && !argument.contains(":")
            && !FolderPath.exists(argument) && ![40, 64].contains(argument.utf8.count)
        if isName {
            let name = VisibleText.escaped(argument)
            throw CommandFailure(
                "cannot fetch \(name)", why: "there is no file of that name, and of a host a share is needed",
                remedy: "give \(name)/SHARE; `duplex ls \(name)` lists what a host of that name offers")
        }
        switch try SourceArgument(argument) {
        case .magnet(let link): self = .magnet(link)
        case .torrent(let torrent): self = .torrent(torrent)
        }
    }

    /// `ftp` of `ftp://…`
    private static func scheme(_ text: String) -> Substring? {
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        return !name.isEmpty && text.dropFirst(name.count).hasPrefix("://") ? name : nil
    }

    /// A file of that name, or what looks like a path or a link, is none.
    private static func name(_ argument: String) -> ShareName? {
        let lowercased = argument.lowercased()
        let isOther =
            ["/", "./", "../", "~", "magnet:"].contains { lowercased.hasPrefix($0) }
            || lowercased.hasSuffix(".torrent") || FolderPath.exists(argument)
        return isOther ? nil : ShareName(parsing: argument)
    }
}
