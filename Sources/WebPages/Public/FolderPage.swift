import Metainfo
import WebWire

/// `/s/SHARE/…/`: what is in a folder.
public enum FolderPage {
    public static func html(_ folder: FolderSnapshot, order: FolderOrder = FolderOrder()) -> HTML {
        let name = folder.path.last ?? folder.share.name
        let (entries, pageCount) = order.apply(to: folder.entries)
        let title = ([name] + (folder.path.isEmpty ? [] : [folder.share.name]) + [folder.hostName])
            .joined(separator: ", ")
        return PageFrame.page(
            title: title, brand: folder.hostName, links: alternates(folder), needsScript: folder.share.isInbox
        ) {
            PageParts.breadcrumb(hostName: folder.hostName, share: folder.share, path: folder.path)
            HTML.element("div", .class("title")) {
                HTML.element("h1") { name }
                HTML.element("p", .class("lede")) { summary(folder) }
                if !folder.share.isInbox || folder.share.fileCount > 0 { downloads(folder) }
            }
            if let added = folder.added {
                HTML.element("p", .class("done"), .role("status")) {
                    "\(TextForms.count(added, "file is", "files are")) here now. Thank you."
                }
            }
            if folder.share.isInbox { UploadForm.html(share: folder.share, path: folder.path) }
            if entries.isEmpty {
                HTML.element("p", .class("empty")) { "This folder is empty." }
            } else {
                FolderTable(folder: folder, order: order).html(entries)
            }
            if pageCount > 1 { pages(order, pageCount) }
        }
    }

    private static func summary(_ folder: FolderSnapshot) -> String {
        var fileCount = 0
        var size: Int64 = 0
        for entry in folder.entries {
            if case .folder(let count) = entry.kind { fileCount += count } else { fileCount += 1 }
            size = size.addingClamped(entry.size)
        }
        return "\(TextForms.count(fileCount, "file", "files")), \(ByteCount.size(size))"
    }

    private static func alternates(_ folder: FolderSnapshot) -> HTML {
        guard folder.share.fileCount > 0 else { return HTML() }
        let zip = WebRoute.zip(share: folder.share.name, path: folder.path).url
        guard folder.share.magnet != nil else { return PageParts.alternate(zip, type: "application/zip") }
        let torrent = WebRoute.torrent(share: folder.share.name, path: []).url
        return .joined([
            PageParts.alternate(zip, type: "application/zip"),
            PageParts.alternate(torrent, type: "application/x-bittorrent"),
        ])
    }

    /// The ZIP is of this folder; the torrent and the link are of the whole share.
    private static func downloads(_ folder: FolderSnapshot) -> HTML {
        .element("ul", .class("actions")) {
            HTML.element("li") {
                HTML.element(
                    "a", .class("button"), .type("application/zip"),
                    .href(WebRoute.zip(share: folder.share.name, path: folder.path).url)
                ) { "Download ZIP" }
            }
            if let magnet = folder.share.magnet {
                HTML.element("li") {
                    HTML.element(
                        "a", .class("button quiet"), .type("application/x-bittorrent"),
                        .href(WebRoute.torrent(share: folder.share.name, path: []).url)
                    ) { folder.path.isEmpty ? "Torrent" : "Torrent of the share" }
                }
                HTML.element("li") {
                    HTML.element("a", .class("button quiet"), .href(.magnet(magnet))) {
                        folder.path.isEmpty ? "Magnet link" : "Magnet link of the share"
                    }
                }
            }
        }
    }

    private static func pages(_ order: FolderOrder, _ count: Int) -> HTML {
        let current = min(order.page, count)
        return .element("nav", .label("Pages of this folder"), .class("pages")) {
            if current > 1 { step("Previous", order, current - 1, "prev") }
            HTML.element("span") { "Page \(current) of \(count)" }
            if current < count { step("Next", order, current + 1, "next") }
        }
    }

    private static func step(_ name: String, _ order: FolderOrder, _ page: Int, _ relation: StaticString) -> HTML {
        let target = FolderOrder(key: order.key, isDescending: order.isDescending, page: page)
        return .element("a", .class("button quiet"), .relation(relation), .href(target.query)) { name }
    }
}
