import Metainfo
import WebWire

/// `/`: this host's public shares, and the other hosts.
public enum HomePage {
    public static func html(_ host: HostSnapshot) -> HTML {
        PageFrame.page(title: "\(host.name): shares", brand: "Duplex") {
            HTML.element("div", .class("title")) {
                HTML.element("h1") { host.name }
                HTML.element("p", .class("lede")) { summary(host) }
            }
            HTML.element("section", .labelled(by: "shares")) {
                HTML.element("h2", .id("shares")) { "Shares" }
                if host.shares.isEmpty {
                    HTML.element("p", .class("empty")) { "Nothing is shared with everybody at the moment." }
                } else {
                    shares(host.shares)
                }
            }
            if !host.otherHosts.isEmpty {
                HTML.element("section", .labelled(by: "hosts")) {
                    HTML.element("h2", .id("hosts")) { "Other hosts" }
                    HTML.element("ul", .class("hosts")) {
                        for other in host.otherHosts { item(other) }
                    }
                }
            }
        }
    }

    private static func summary(_ host: HostSnapshot) -> String {
        let size = host.shares.reduce(Int64(0)) { $0.addingClamped($1.size) }
        let shares = TextForms.count(host.shares.count, "share", "shares")
        return "\(shares), \(ByteCount.size(size)), open to everyone who reaches this page."
    }

    private static func shares(_ shares: [ShareSnapshot]) -> HTML {
        .element("table", .class("list shares")) {
            HTML.element("caption", .class("unseen")) { "Shares of this host" }
            HTML.element("thead") {
                HTML.element("tr") {
                    HTML.element("th", .scope("col")) { "Name" }
                    HTML.element("th", .scope("col")) { "Files" }
                    HTML.element("th", .scope("col")) { "Size" }
                    HTML.element("th", .scope("col")) { "Changed" }
                    HTML.element("th", .scope("col")) { "Download" }
                }
            }
            HTML.element("tbody") {
                for share in shares { row(share) }
            }
        }
    }

    private static func row(_ share: ShareSnapshot) -> HTML {
        .element("tr") {
            HTML.element("th", .scope("row")) {
                if share.isFolder {
                    HTML.element("a", .href(WebRoute.content(share: share.name, path: [], isFolder: true).url)) {
                        share.name
                    }
                } else {
                    HTML.element("a", .href(WebRoute.view(share: share.name, path: []).url)) { share.name }
                }
                if share.isInbox { HTML.element("small") { " takes uploads" } }
            }
            HTML.element("td") { TextForms.count(share.fileCount) }
            HTML.element("td") { ByteCount.size(share.size) }
            HTML.element("td") { PageParts.day(share.modified) }
            HTML.element("td") {
                if share.isFolder {
                    HTML.element("a", .href(WebRoute.zip(share: share.name, path: []).url)) { "ZIP" }
                } else {
                    HTML.element("a", .href(WebRoute.content(share: share.name, path: [], isFolder: false).url)) {
                        "file"
                    }
                }
            }
        }
    }

    private static func item(_ other: OtherHost) -> HTML {
        .element("li") {
            if let url = other.url.flatMap({ WebURL.page($0) }) {
                HTML.element("a", .href(url)) { other.name }
            } else {
                other.name
            }
            HTML.element("small") { description(other) }
        }
    }

    private static func description(_ other: OtherHost) -> String {
        var words: [String] = []
        if let count = other.shareCount { words.append(TextForms.count(count, "share", "shares")) }
        if other.isDedicated { words.append("dedicated server") }
        return words.joined(separator: ", ")
    }
}

extension Int64 {
    /// The sum, or the greatest number if it is greater than that.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
