/// What a user who shares a folder does not mean to share, by name.
///
/// | reason | names |
/// |---|---|
/// | system, macOS | `.DS_Store`, `._*`, `.Spotlight-V100`, `.Trashes`, `.fseventsd`, `.TemporaryItems` |
/// | | `.DocumentRevisions-V100` |
/// | system, Windows | `Thumbs.db`, `desktop.ini`, `$RECYCLE.BIN`, `System Volume Information` |
/// | system, Linux | `lost+found`, `.Trash-*`, `.nfs*`, `.fuse_hidden*` |
/// | not finished | `*.part`, `*.partial`, `*.crdownload`, `*.!qB`, `*.!ut`, `*.duplex-part`, `.duplex-next-*`, |
/// | | `.duplex-uploads` |
/// | | `*.aria2` and the file that it belongs to |
/// | editor backup | `*~`, `.#*`, `.*.swp` |
///
/// Letter case does not matter. Other hidden files are shared: who shares a project means its `.gitignore` too.
/// A file that is named by itself, not found in a folder, is shared whatever its name.
enum OmissionRule {
    private static let systemNames: Set<String> = [
        ".ds_store", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems", ".documentrevisions-v100",
        "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found",
    ]
    private static let systemPrefixes = ["._", ".trash-", ".nfs", ".fuse_hidden"]
    /// What the folder in which a new version is put together is called, before a part of its hash.
    static let stagingPrefix = ".duplex-next-"
    private static let partialSuffixes = [".part", ".partial", ".crdownload", ".aria2", ".!qb", ".!ut", ".duplex-part"]

    /// Why an entry of a folder is left out, nil if it is shared.
    static func reason(forName name: String) -> OmittedEntry.Reason? {
        let name = asciiLowercased(name)
        if systemNames.contains(name) || systemPrefixes.contains(where: name.hasPrefix) { return .systemFile }
        if partialSuffixes.contains(where: name.hasSuffix) || name.hasPrefix(stagingPrefix)
            || name == InboxFolder.stagingName
        {
            return .partialFile
        }
        if name.hasSuffix("~") || name.hasPrefix(".#") || (name.hasPrefix(".") && name.hasSuffix(".swp")) {
            return .editorBackup
        }
        return nil
    }

    /// The name of the file that aria2 keeps beside a download until it is whole.
    static func controlFile(of name: String) -> String { name + ".aria2" }

    /// The file that is left out as long as a file of this name is beside it; nil for any other name.
    static func fileControlled(by name: String) -> String? {
        name.hasSuffix(".aria2") ? String(name.dropLast(".aria2".count)) : nil
    }

    private static func asciiLowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
