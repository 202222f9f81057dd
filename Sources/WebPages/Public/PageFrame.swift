/// What all public pages have around them.
enum PageFrame {
    /// - Parameters:
    ///   - title: the most particular name first.
    ///   - brand: what leads to the first page.
    ///   - needsScript: the page can do more with a script; it works without.
    static func page(
        title: String, brand: String, links: HTML = HTML(), needsScript: Bool = false, @HTMLBuilder main: () -> HTML
    ) -> HTML {
        let head = HTML.joined([
            .void("meta", .name("viewport"), .content("width=device-width, initial-scale=1")),
            .void("meta", .name("color-scheme"), .content("light dark")),
            .element("title") { title },
            .void("link", .relation("icon"), .href(WebRoute.asset(.icon).url)),
            .style(.main), links,
            needsScript ? .element("script", .src(WebRoute.asset(.script).url), .deferred) : HTML(),
        ])
        let body = HTML.element("body") {
            HTML.element("a", .class("skip"), .href(.fragment("main"))) { "Skip to content" }
            HTML.element("header", .class("top")) {
                HTML.element("a", .class("brand"), .href(WebRoute.home.url)) { brand }
            }
            HTML.element("main", .id("main"), .tabIndex(-1)) { main() }
            HTML.element("footer") {
                HTML.element("p") { "Served by Duplex: every computer here is client and server." }
            }
        }
        return .document(language: "en", head: head, body: body)
    }
}
