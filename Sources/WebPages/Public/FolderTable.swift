import Metainfo
import WebWire

/// The table of a folder's entries, with headings that sort.
struct FolderTable {
    let folder: FolderSnapshot
    let order: FolderOrder

    func html(_ entries: [FolderEntry]) -> HTML {
        .element("table", .class("list")) {
            HTML.element("caption", .class("unseen")) { "Files and folders; the headings sort" }
            HTML.element("thead") {
                HTML.element("tr") {
                    heading("Name", .name)
                    heading("Size", .size)
                    heading("Changed", .modified)
                    HTML.element("th", .scope("col")) { "Links" }
                }
            }
            HTML.element("tbody") {
                for entry in entries {
                    entry.isArriving ? arrivingRow(entry) : entry.isFolder ? folderRow(entry) : fileRow(entry)
                }
            }
        }
    }

    private func heading(_ name: String, _ key: FolderOrder.Key) -> HTML {
        let isCurrent = order.key == key
        let next = FolderOrder(key: key, isDescending: isCurrent && !order.isDescending)
        let link = HTML.element("a", .href(next.query)) {
            name
            if isCurrent {
                HTML.element("span", .hiddenFromReaders) { order.isDescending ? " \u{2193}" : " \u{2191}" }
            }
        }
        guard isCurrent else { return .element("th", .scope("col")) { link } }
        return .element("th", .scope("col"), .sorted(order.isDescending ? "descending" : "ascending")) { link }
    }

    /// The link to a folder works already; the one to a file would have to wait.
    private func arrivingRow(_ entry: FolderEntry) -> HTML {
        .element("tr") {
            HTML.element("th", .scope("row")) {
                if entry.isFolder {
                    HTML.element("a", .href(PageParts.folder(folder.share, folder.path + [entry.name]))) {
                        entry.name + "/"
                    }
                } else {
                    entry.name
                }
            }
            HTML.element("td") { ByteCount.size(entry.size) }
            HTML.element("td") { PageParts.date(entry.modified) }
            HTML.element("td") { "just arrived" }
        }
    }

    private func folderRow(_ entry: FolderEntry) -> HTML {
        let path = folder.path + [entry.name]
        return .element("tr") {
            HTML.element("th", .scope("row")) {
                HTML.element("a", .href(PageParts.folder(folder.share, path))) { entry.name + "/" }
            }
            HTML.element("td") { ByteCount.size(entry.size) }
            HTML.element("td") { PageParts.date(entry.modified) }
            HTML.element("td") {
                HTML.element("a", .href(WebRoute.zip(share: folder.share.name, path: path).url)) { "ZIP" }
            }
        }
    }

    private func fileRow(_ entry: FolderEntry) -> HTML {
        let share = folder.share.name
        let path = folder.path + [entry.name]
        let file = WebRoute.content(share: share, path: path, isFolder: false).url
        return .element("tr") {
            HTML.element("th", .scope("row")) { HTML.element("a", .href(file)) { entry.name } }
            HTML.element("td") { ByteCount.size(entry.size) }
            HTML.element("td") { PageParts.date(entry.modified) }
            HTML.element("td") {
                HTML.element("a", .href(WebRoute.view(share: share, path: path).url)) { "view" }
                if entry.hasTorrent {
                    " "
                    HTML.element("a", .href(WebRoute.torrent(share: share, path: path).url)) { "torrent" }
                }
                if let magnet = entry.magnet {
                    " "
                    HTML.element("a", .href(WebRoute.metalink(share: share, path: path).url)) { "meta4" }
                    " "
                    HTML.element("a", .href(.magnet(magnet))) { "magnet" }
                }
            }
        }
    }
}
