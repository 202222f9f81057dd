import Metainfo
import WebWire

/// `/-/view/SHARE/…`: a file with its preview, its hash and all ways to get it.
public enum FilePage {
    public static func html(_ file: FileSnapshot) -> HTML {
        let content = WebRoute.content(share: file.share.name, path: file.path, isFolder: false).url
        return PageFrame.page(
            title: "\(file.name), \(file.share.name), \(file.hostName)", brand: file.hostName, links: alternates(file)
        ) {
            PageParts.breadcrumb(hostName: file.hostName, share: file.share, path: file.path)
            HTML.element("div", .class("title")) {
                HTML.element("h1") { file.name }
                HTML.element("p", .class("lede")) {
                    "\(ByteCount.size(file.size)), changed "
                    HTML.element("time", .dateTime(file.modified.internetText)) { file.modified.shortText + " UTC" }
                }
                downloads(file, content)
            }
            HTML.element("div", .class("preview")) { preview(file, content) }
            if let sha256 = file.sha256 {
                HTML.element("dl", .class("facts")) {
                    HTML.element("dt") { "SHA-256" }
                    HTML.element("dd") { HTML.element("code") { Hexadecimal.encode(sha256) } }
                }
            }
            if file.previous != nil || file.next != nil { neighbours(file) }
        }
    }

    private static func alternates(_ file: FileSnapshot) -> HTML {
        let (share, path) = (file.share.name, file.path)
        return .joined([
            file.hasTorrent
                ? PageParts.alternate(WebRoute.torrent(share: share, path: path).url, type: "application/x-bittorrent")
                : HTML(),
            PageParts.alternate(WebRoute.metalink(share: share, path: path).url, type: "application/metalink4+xml"),
        ])
    }

    private static func downloads(_ file: FileSnapshot, _ content: WebURL) -> HTML {
        let (share, path) = (file.share.name, file.path)
        return .element("ul", .class("actions")) {
            HTML.element("li") { HTML.element("a", .class("button"), .href(content), .download) { "Download" } }
            if file.hasTorrent {
                HTML.element("li") {
                    HTML.element(
                        "a", .class("button quiet"), .type("application/x-bittorrent"),
                        .href(WebRoute.torrent(share: share, path: path).url)
                    ) { "Torrent" }
                }
            }
            HTML.element("li") {
                HTML.element(
                    "a", .class("button quiet"), .type("application/metalink4+xml"),
                    .href(WebRoute.metalink(share: share, path: path).url)
                ) { "Metalink" }
            }
            if let magnet = file.magnet {
                HTML.element("li") {
                    HTML.element("a", .class("button quiet"), .href(.magnet(magnet))) { "Magnet link" }
                }
            }
        }
    }

    private static func preview(_ file: FileSnapshot, _ content: WebURL) -> HTML {
        if let text = file.text {
            // Reachable by the keyboard, since it scrolls by itself.
            return .joined([
                .element("pre", .tabIndex(0), .role("region"), .label("Content of \(file.name)")) { text },
                file.isTextCut
                    ? .element("p", .class("note")) { "Only the beginning is shown. Download the file for the rest." }
                    : HTML(),
            ])
        }
        let instead = HTML.element("a", .href(content)) { "Download \(file.name)" }
        switch MediaType.preview(file.name) {
        case .picture: return .void("img", .src(content), .alt(file.name), .lazy)
        case .audio: return .element("audio", .controls, .preload("metadata"), .src(content)) { instead }
        case .video: return .element("video", .controls, .preload("metadata"), .src(content)) { instead }
        case .text, nil: return .element("p", .class("empty")) { "There is no preview of this kind of file." }
        }
    }

    private static func neighbours(_ file: FileSnapshot) -> HTML {
        let folder = Array(file.path.dropLast())
        let link = { (name: String, relation: StaticString, word: String) in
            HTML.element(
                "a", .class("button quiet"), .relation(relation),
                .href(WebRoute.view(share: file.share.name, path: folder + [name]).url)
            ) { "\(word): \(name)" }
        }
        return .element("nav", .label("Files beside this one"), .class("pages")) {
            if let previous = file.previous { link(previous, "prev", "Previous") }
            if let next = file.next { link(next, "next", "Next") }
        }
    }
}
