import Metainfo
import Storage

/// Where on disk the files of an existing torrent are.
struct ContentLocation: Sendable, Equatable {
    let directory: String
    /// The file or folder in `directory`; it may be called otherwise than the torrent.
    let rootName: String

    /// `path` is the torrent's file or folder itself, or the folder that it lies in.
    init(of info: TorrentInfo, at path: String) throws(CommandFailure) {
        var absolute: String
        do {
            absolute = try FolderScan.resolve(path)
        } catch {
            throw CommandFailure(error.description)
        }
        let inside = absolute + "/" + info.name
        if FolderPath.isFolder(absolute), FolderPath.exists(inside), !FolderPath.exists(absolute, holds: info) {
            absolute = inside
        }
        let slash = absolute.lastIndex(of: "/") ?? absolute.startIndex
        directory = slash == absolute.startIndex ? "/" : String(absolute[..<slash])
        rootName = String(absolute[slash...].dropFirst())
    }
}

extension FolderPath {
    /// Whether the first file of the torrent is directly in this folder, which then is the torrent's own.
    fileprivate static func exists(_ folder: String, holds info: TorrentInfo) -> Bool {
        guard !info.isSingleFile, let first = info.files.first(where: { !$0.isPadding }) else { return false }
        return exists(folder + "/" + first.path.joined(separator: "/"))
    }
}
