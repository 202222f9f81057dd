/// What kind of content a file is, by the end of its name; the content itself is never guessed at.
public enum MediaType {
    public static let binary = "application/octet-stream"
    public static let zip = "application/zip"
    public static let torrent = "application/x-bittorrent"
    public static let metalink = "application/metalink4+xml"
    public static let html = "text/html; charset=utf-8"

    /// How a page can show it.
    public enum Preview: Sendable, Equatable {
        case picture, audio, video, text
    }

    /// The media type of a file with this name.
    public static func forName(_ name: String) -> String {
        let type = types[fileExtension(name)] ?? binary
        return type.hasPrefix("text/") || type == "application/json" ? type + "; charset=utf-8" : type
    }

    /// How to show a file with this name; nil for what only a program of its own can show.
    public static func preview(_ name: String) -> Preview? {
        let type = types[fileExtension(name)] ?? ""
        // Browsers play what they can of these and say so where they cannot.
        if type.hasPrefix("image/"), type != "image/tiff" { return .picture }
        if type.hasPrefix("audio/") { return .audio }
        if type.hasPrefix("video/") { return .video }
        return type.hasPrefix("text/") || type == "application/json" ? .text : nil
    }

    private static func fileExtension(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    private static let types: [String: String] = [
        "7z": "application/x-7z-compressed", "aac": "audio/aac", "apk": "application/vnd.android.package-archive",
        "avif": "image/avif", "avi": "video/x-msvideo", "bmp": "image/bmp", "bz2": "application/x-bzip2",
        "c": "text/plain", "conf": "text/plain", "cpp": "text/plain", "css": "text/css", "csv": "text/csv",
        "deb": "application/vnd.debian.binary-package",
        "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "epub": "application/epub+zip", "flac": "audio/flac", "gif": "image/gif", "go": "text/plain",
        "gz": "application/gzip", "h": "text/plain", "htm": "text/html", "html": "text/html", "ico": "image/x-icon",
        "ics": "text/calendar", "ini": "text/plain", "iso": "application/x-iso9660-image", "java": "text/plain",
        "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "text/javascript", "json": "application/json",
        "jxl": "image/jxl", "log": "text/plain", "m4a": "audio/mp4", "m4v": "video/mp4", "md": "text/markdown",
        "meta4": "application/metalink4+xml", "mid": "audio/midi", "mjs": "text/javascript", "mkv": "video/x-matroska",
        "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4", "mpeg": "video/mpeg", "mpg": "video/mpeg",
        "odp": "application/vnd.oasis.opendocument.presentation",
        "ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
        "oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "opus": "audio/ogg", "otf": "font/otf",
        "pdf": "application/pdf", "png": "image/png",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "py": "text/plain",
        "rar": "application/vnd.rar", "rs": "text/plain", "rtf": "application/rtf", "sh": "text/plain",
        "svg": "image/svg+xml", "swift": "text/plain", "tar": "application/x-tar", "tex": "text/plain",
        "tif": "image/tiff", "tiff": "image/tiff", "toml": "text/plain", "torrent": "application/x-bittorrent",
        "tsv": "text/tab-separated-values", "ttf": "font/ttf", "txt": "text/plain", "vtt": "text/vtt",
        "wasm": "application/wasm", "wav": "audio/wav", "weba": "audio/webm", "webm": "video/webm",
        "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2", "xhtml": "application/xhtml+xml",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "text/xml",
        "xz": "application/x-xz", "yaml": "text/plain", "yml": "text/plain", "zip": "application/zip",
        "zst": "application/zstd",
    ]
}
