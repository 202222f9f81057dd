import Metainfo

/// The files of a torrent as a tree, as `tree` draws it, with the size of each.
enum FileTreeText {
    /// A link or file with more folders inside each other than this is drawn flat below it.
    private static let maximumDepth = 64

    static func lines(root: String, files: [TorrentFile]) -> [String] {
        var lines = [VisibleText.escaped(root) + "/"]
        let entries = files.map { Entry(path: $0.path[...], file: $0) }
        append(entries[...], indent: "", depth: 0, to: &lines)
        return lines
    }

    private struct Entry {
        /// What is left of the path below the folder being drawn.
        var path: ArraySlice<String>
        let file: TorrentFile
    }

    /// Files come in the torrent's order; those of one folder that do not follow each other are brought together.
    private static func append(_ entries: ArraySlice<Entry>, indent: String, depth: Int, to lines: inout [String]) {
        var order: [String] = []
        var children: [String: [Entry]] = [:]
        for entry in entries {
            let isFlat = depth >= maximumDepth
            guard let name = isFlat ? entry.path.joined(separator: "/") : entry.path.first else { continue }
            if children[name] == nil { order.append(name) }
            children[name, default: []].append(
                Entry(path: isFlat ? [] : entry.path.dropFirst(), file: entry.file))
        }
        for (index, name) in order.enumerated() {
            let isLast = index == order.count - 1
            let branch = indent + (isLast ? "└── " : "├── ") + VisibleText.escaped(name)
            let below = children[name] ?? []
            for leaf in below where leaf.path.isEmpty { lines.append(branch + describe(leaf.file)) }
            let inside = below.filter { !$0.path.isEmpty }
            guard !inside.isEmpty else { continue }
            lines.append(branch + "/")
            append(inside[...], indent: indent + (isLast ? "    " : "│   "), depth: depth + 1, to: &lines)
        }
    }

    private static func describe(_ file: TorrentFile) -> String {
        if let target = file.symlinkTarget {
            return " → " + VisibleText.escaped(target.joined(separator: "/"))
        }
        var notes = [ByteCount.size(file.length)]
        if file.isExecutable { notes.append("executable") }
        if file.isHidden { notes.append("hidden") }
        return "  (" + notes.joined(separator: ", ") + ")"
    }
}
