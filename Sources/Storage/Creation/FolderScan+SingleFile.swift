import Metainfo

extension FolderScan {
    /// The folder that the file or folder lies in.
    var parent: String {
        let parent = path.utf8.dropLast(name.utf8.count + 1)
        return parent.isEmpty ? "/" : String(Substring(parent))
    }

    /// In v2 alone a folder `x` that holds nothing but a file `x` has the same info dictionary as the file alone, and
    /// readers take it for the file (BEP 52). So here it is that from the start. A hybrid's v1 half tells them apart.
    func asSingleFile(for format: TorrentFormat) -> FolderScan {
        guard format == .v2, !isSingleFile, files.count == 1, files[0].components == [name] else { return self }
        return FolderScan(path: path + "/" + name, name: name, isSingleFile: true, files: files, omitted: omitted)
    }
}
