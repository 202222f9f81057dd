import Metainfo
import Storage

/// Lists one folder of a share out of its torrent. Blocks, since it looks at the times of the files.
enum EntryList {
    private struct Row {
        var kind: EntryModel.Kind
        var bytes: Int64
        var file: Int?
    }

    /// - Parameter path: components joined by `/`; empty for the share itself.
    /// - Returns: folders first, by name; nil if there is nothing of that path. A file's list is the file alone.
    static func entries(of offer: Catalogue.Offer, at path: String) -> ListModel<EntryModel>? {
        let info = offer.torrent.info
        let wanted = path.split(separator: "/").map(String.init)
        var rows: [String: Row] = [:]
        for (index, file) in info.files.enumerated() where !file.isPadding {
            guard file.path.starts(with: wanted) else { continue }
            let rest = file.path.dropFirst(wanted.count)
            guard let name = rest.first ?? wanted.last else { continue }
            if rest.count <= 1 {
                rows[name] = Row(kind: .file, bytes: file.length, file: index)
            } else {
                rows[name, default: Row(kind: .folder, bytes: 0)].bytes += file.length
            }
        }
        guard !rows.isEmpty else { return nil }
        let byName = rows.sorted(byName: { $0.key })
        let sorted = byName.filter { $0.value.kind == .folder } + byName.filter { $0.value.kind != .folder }
        let root = "\(offer.directory)/\(offer.rootName)"
        let listed = sorted.prefix(ListLimit.rows).map { name, row in
            let place =
                row.file.map { info.isSingleFile ? root : root + "/" + info.files[$0].path.joined(separator: "/") }
                ?? ([root] + wanted + [name]).joined(separator: "/")
            return EntryModel(name: name, kind: row.kind, bytes: row.bytes, modified: modified(place))
        }
        return ListModel(rows: listed, truncated: rows.count > listed.count)
    }

    static func modified(_ path: String) -> String? {
        FileTime.modified(path).map { TimeText.rfc3339(seconds: $0) }
    }
}
