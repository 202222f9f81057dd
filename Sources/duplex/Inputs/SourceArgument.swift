import Metainfo

/// What `get` and `inspect` take: a magnet link or the name of a .torrent file.
enum SourceArgument: Sendable {
    case magnet(MagnetLink)
    case torrent(Torrent)

    /// Reads the file or parses the link; throws a `CommandFailure` that says which and why.
    init(_ argument: String) throws(CommandFailure) {
        if argument.lowercased().hasPrefix("magnet:") {
            do {
                self = .magnet(try MagnetLink(parsing: argument))
            } catch {
                throw CommandFailure(
                    "cannot use this magnet link", because: error,
                    remedy: "copy the whole link, in single quotes")
            }
        } else {
            self = .torrent(try Self.readTorrent(argument))
        }
    }

    static func readTorrent(_ path: String) throws(CommandFailure) -> Torrent {
        let name = VisibleText.escaped(path)
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 256 << 20)
        } catch {
            throw CommandFailure("cannot read \(name)", because: error, remedy: remedy(for: path))
        }
        do {
            return try Torrent(decoding: bytes)
        } catch {
            throw CommandFailure(
                "cannot use \(name)", why: "\(error)", remedy: "make sure that it is a complete .torrent file")
        }
    }

    private static func remedy(for path: String) -> String {
        let lowercased = path.lowercased()
        if lowercased.hasPrefix("http://") || lowercased.hasPrefix("https://") {
            return "fetch the .torrent file first, or give the address to `duplex get`"
        }
        let isHash = (path.utf8.count == 40 || path.utf8.count == 64) && path.allSatisfy(\.isHexDigit)
        if isHash {
            let prefix = path.utf8.count == 40 ? "btih:" : "btmh:1220"
            return "for an info-hash write 'magnet:?xt=urn:\(prefix)\(lowercased)'"
        }
        return "give a magnet link or the name of a .torrent file"
    }
}
