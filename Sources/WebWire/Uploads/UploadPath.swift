import Metainfo

/// The name of an uploaded file, as its sender gives it.
public enum UploadPath {
    /// The deepest path; of deeper ones the last components are kept.
    public static let maximumDepth = 32

    /// Safe path components below the folder that takes the upload: one, or more when a browser sends a folder. Never
    /// empty; a name of which nothing usable is left is `_`.
    public static func components(_ text: String) -> [String] {
        var parts = text.split(separator: "/").suffix(maximumDepth)
        // Old browsers on Windows sent the path on the sender's disk.
        if parts.count == 1, let backslash = parts.first?.lastIndex(of: "\\"), let only = parts.first {
            parts = [only[only.index(after: backslash)...]]
        }
        return PathSafety.safePath(parts.map { Array($0.utf8) })
    }
}
