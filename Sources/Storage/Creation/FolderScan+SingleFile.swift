import Metainfo

extension FolderScan {
    /// The folder that the file or folder lies in.
    var parent: String {
        let parent = path.utf8.dropLast(name.utf8.count + 1)
        return parent.isEmpty ? "/" : String(Substring(parent))
    }

    /// A folder `x` that holds nothing but a file `x` has the same file tree as the file alone (BEP 52: one entry that
    /// is a file is a single-file torrent). So readers of v2 and hybrid torrents take it for the file, and here it is
    /// that from the start.
    func asSingleFile(for format: TorrentFormat) -> FolderScan {
        guard format != .v1, !isSingleFile, files.count == 1, files[0].components == [name] else { return self }
        return FolderScan(path: path + "/" + name, name: name, isSingleFile: true, files: files, omitted: omitted)
    }
}
