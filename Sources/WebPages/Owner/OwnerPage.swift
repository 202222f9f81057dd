/// The owner's page: a frame without data, which a script fills from the control API.
public enum OwnerPage {
    public static let html = HTML.document(language: "en", head: head, body: body)

    /// A page that leads on by itself, without a script.
    public static func leading(to url: WebURL) -> HTML {
        HTML.document(
            language: "en",
            head: HTML.joined([
                .void("meta", .name("referrer"), .content("no-referrer")),
                .void("meta", .equivalent(to: "refresh"), .content("0; url=\(url.text)")),
                .element("title") { "Duplex: this host" },
            ]),
            body: HTML.element("body") {
                HTML.element("p") { HTML.element("a", .href(url)) { "This host's own page" } }
            })
    }

    private static let head = HTML.joined([
        .void("meta", .name("viewport"), .content("width=device-width, initial-scale=1")),
        .void("meta", .name("color-scheme"), .content("light dark")),
        .element("title") { "Duplex: this host" },
        .void("link", .relation("icon"), .href(WebRoute.asset(.icon).url)),
        .void("link", .relation("stylesheet"), .href(WebRoute.asset(.style).url)),
        .void("link", .relation("stylesheet"), .href(WebRoute.asset(.ownerStyle).url)),
        .element("script", .module, .src(WebRoute.asset(.ownerScript).url)),
    ])

    private static let body = HTML.element("body") {
        HTML.element("a", .class("skip"), .href(.fragment("main"))) { "Skip to content" }
        HTML.element("header", .class("top")) {
            HTML.element("span", .class("brand"), .id("brand")) { "This host" }
            HTML.element("span", .class("live"), .id("live"), .role("status")) { "connecting" }
            HTML.element("nav", .class("tabs"), .label("Views")) {
                tab("Transfers", "transfers")
                tab("Shares", "shares")
                tab("Hosts", "hosts")
                tab("Roles", "roles")
                tab("Settings", "settings")
                tab("Doctor", "doctor")
            }
        }
        HTML.element("main", .id("main"), .tabIndex(-1)) {
            HTML.element("noscript") {
                HTML.element("p", .class("empty")) {
                    "This page shows what happens as it happens, and needs JavaScript for it. The commands of duplex do the same."
                }
            }
            transfers
            shares
            hosts
            roles
            list("settings", "Settings", "setting-list")
            list("doctor", "Doctor", "finding-list")
        }
        HTML.element("div", .id("notices"), .role("status")) {}
    }

    private static func tab(_ name: String, _ id: StaticString) -> HTML {
        .element("a", .href(.fragment(id))) { name }
    }

    private static func list(_ id: StaticString, _ title: String, _ content: StaticString) -> HTML {
        .element("section", .id(id), .label(title), .hidden) {
            HTML.element("h1") { title }
            HTML.element("div", .id(content)) {}
        }
    }

    private static let transfers = HTML.element("section", .id("transfers"), .label("Transfers")) {
        HTML.element("h1") { "Transfers" }
        HTML.element("form", .class("line"), .id("add-transfer")) {
            HTML.element("label") {
                "Fetch a magnet link, or HOST/SHARE"
                HTML.void("input", .type("text"), .name("link"), .required, .autocomplete("off"))
            }
            HTML.element("button", .type("submit")) { "Fetch" }
        }
        HTML.element("div", .id("transfer-list")) {}
    }

    private static let shares = HTML.element("section", .id("shares"), .label("Shares"), .hidden) {
        HTML.element("h1") { "Shares" }
        HTML.element("form", .class("line"), .id("add-share")) {
            HTML.element("label") {
                "File or folder on this computer"
                HTML.void("input", .type("text"), .name("path"), .required, .autocomplete("off"))
            }
            HTML.element("label", .class("short")) {
                "Who may fetch it"
                HTML.element("select", .name("scope")) {
                    HTML.element("option", .value("link")) { "whoever has the link" }
                    HTML.element("option", .value("public")) { "everybody" }
                    HTML.element("option", .value("inbox")) { "everybody, who may add files too" }
                }
            }
            HTML.element("button", .type("submit")) { "Share" }
        }
        HTML.element("div", .id("share-list")) {}
    }

    private static let hosts = HTML.element("section", .id("hosts"), .label("Hosts"), .hidden) {
        HTML.element("h1") { "Hosts" }
        HTML.element("form", .class("line"), .id("add-host")) {
            HTML.element("label") {
                "Address of a host that was not found by itself"
                HTML.void("input", .type("text"), .name("address"), .required, .autocomplete("off"))
            }
            HTML.element("button", .type("submit")) { "Add" }
        }
        HTML.element("div", .id("host-list")) {}
    }

    private static let roles = HTML.element("section", .id("roles"), .label("Roles"), .hidden) {
        HTML.element("h1") { "Roles" }
        HTML.element("div", .class("roles")) {
            HTML.element("div") {
                HTML.element("h2", .class("ask-text")) { "As a client, this host asks for" }
                HTML.element("div", .id("client-side")) {}
            }
            HTML.element("div") {
                HTML.element("h2", .class("serve-text")) { "As a server, it provides" }
                HTML.element("div", .id("server-side")) {}
            }
        }
        HTML.element("h2") { "In figures" }
        HTML.element("dl", .class("facts"), .id("figure-list")) {}
    }
}
