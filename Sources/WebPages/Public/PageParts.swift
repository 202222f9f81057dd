import WebWire

/// Parts that several public pages have.
enum PageParts {
    static func date(_ date: HTTPDate) -> HTML {
        .element("time") { date.shortText }
    }

    /// The day alone.
    static func day(_ date: HTTPDate) -> HTML {
        .element("time") { String(date.shortText.prefix(10)) }
    }

    /// Where a folder or file is: each folder above it is a link.
    static func breadcrumb(hostName: String, share: ShareSnapshot, path: [String]) -> HTML {
        let names = [share.name] + path
        return .element("nav", .label("Where this is"), .class("crumbs")) {
            HTML.element("ol") {
                HTML.element("li") { HTML.element("a", .href(WebRoute.home.url)) { hostName } }
                for (depth, name) in names.enumerated() {
                    HTML.element("li") {
                        if depth == names.count - 1 {
                            HTML.element("span", .currentPage) { name }
                        } else {
                            HTML.element("a", .href(folder(share, Array(path.prefix(depth))))) { name }
                        }
                    }
                }
            }
        }
    }

    static func folder(_ share: ShareSnapshot, _ path: [String]) -> WebURL {
        WebRoute.content(share: share.name, path: path, isFolder: true).url
    }

    /// For programs: how a page says what else there is.
    static func alternate(_ url: WebURL, type: StaticString) -> HTML {
        .void("link", .relation("alternate"), .type(type), .href(url))
    }
}
