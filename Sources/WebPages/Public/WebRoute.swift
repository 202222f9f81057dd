import WebWire

/// What the public side answers, and its addresses. What is not a share's own content is under `/-/`, so that no share and no
/// file can have such a name.
public enum WebRoute: Sendable, Equatable {
    case home
    /// A file's bytes or a folder's page; POST to an inbox's folder and PUT below it upload.
    case content(share: String, path: [String], isFolder: Bool)
    /// The preview of a file.
    case view(share: String, path: [String])
    /// A folder as one archive; the share's own folder with an empty path.
    case zip(share: String, path: [String])
    /// The torrent of the share, or of one file.
    case torrent(share: String, path: [String])
    case metalink(share: String, path: [String])
    /// An upload that has begun: 32 hexadecimal digits.
    case upload(id: String)
    case asset(WebAsset)
    case announce
    case scrape
    case metrics
    case health

    /// Nil for everything else, which is 404.
    public init?(_ request: RequestPath) {
        let parts = request.components
        switch (parts.first, request.isFolder) {
        case (nil, true): self = .home
        case ("s", let isFolder):
            guard parts.count >= 2 else { return nil }
            self = .content(share: parts[1], path: Array(parts.dropFirst(2)), isFolder: isFolder)
        case ("-", false):
            guard let route = Self.special(Array(parts.dropFirst())) else { return nil }
            self = route
        case ("announce", false) where parts.count == 1: self = .announce
        case ("scrape", false) where parts.count == 1: self = .scrape
        case ("metrics", false) where parts.count == 1: self = .metrics
        case ("healthz", false) where parts.count == 1: self = .health
        default: return nil
        }
    }

    private static func special(_ parts: [String]) -> WebRoute? {
        if parts.count == 1 { return WebAsset(rawValue: parts[0]).map { .asset($0) } }
        guard parts.count >= 2, let kind = parts.first else { return nil }
        let names = Array(parts.dropFirst())
        if kind == "upload" { return parts.count == 2 && isUpload(parts[1]) ? .upload(id: parts[1]) : nil }
        if kind == "view" { return .view(share: names[0], path: Array(names.dropFirst())) }
        let suffixes = ["zip": ".zip", "torrent": ".torrent", "meta4": ".meta4"]
        guard let suffix = suffixes[kind], let last = names.last, last.hasSuffix(suffix), last != suffix else {
            return nil
        }
        let plain = names.dropLast() + [String(last.dropLast(suffix.count))]
        let (share, path) = (plain[0], Array(plain.dropFirst()))
        switch kind {
        case "zip": return .zip(share: share, path: path)
        case "torrent": return .torrent(share: share, path: path)
        default: return .metalink(share: share, path: path)
        }
    }

    private static func isUpload(_ id: String) -> Bool {
        id.utf8.count == 32 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Where it is.
    public var url: WebURL {
        switch self {
        case .home: .path([])
        case .content(let share, let path, let isFolder): .path(["s", share] + path, isFolder: isFolder)
        case .view(let share, let path): .path(["-", "view", share] + path)
        case .zip(let share, let path): Self.special("zip", share, path, ".zip")
        case .torrent(let share, let path): Self.special("torrent", share, path, ".torrent")
        case .metalink(let share, let path): Self.special("meta4", share, path, ".meta4")
        case .upload(let id): .path(["-", "upload", id])
        case .asset(let asset): .path(["-", asset.rawValue])
        case .announce: .path(["announce"])
        case .scrape: .path(["scrape"])
        case .metrics: .path(["metrics"])
        case .health: .path(["healthz"])
        }
    }

    private static func special(_ kind: String, _ share: String, _ path: [String], _ suffix: String) -> WebURL {
        var names = [share] + path
        names[names.count - 1] += suffix
        return .path(["-", kind] + names)
    }
}
