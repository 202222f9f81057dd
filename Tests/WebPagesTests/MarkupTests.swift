import Metainfo
import Testing
import WebPages
import WebWire

@Suite struct MarkupTests {
    @Test("Text and attributes are escaped, whatever they hold")
    func escaping() throws {
        let hostile = "<script>alert(\"1\")</script>&'\u{0}\u{202E}\r\n"
        let html = HTML.element("p", .alt(hostile), .class("a")) { hostile }
        let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;\u{FFFD}\u{FFFD}\u{FFFD}\n"
        #expect(html.markup == "<p alt=\"\(escaped)\" class=\"a\">\(escaped)</p>")
        #expect(HTML.void("input", .required).markup == "<input required>")
        #expect(HTML("\u{E4} \u{6F22}").markup == "\u{E4} \u{6F22}")
    }

    @Test("An address leads nowhere that runs something")
    func addresses() throws {
        #expect(WebURL.path(["s", "a b/c", "..", "x?y#z\"'<"]).text == "/s/a%20b%2Fc/../x%3Fy%23z%22'%3C")
        #expect(WebURL.path([]).text == "/")
        #expect(WebURL.path(["s", "\u{E4}"], isFolder: true).text == "/s/%C3%A4/")
        #expect(WebURL.query(["sort": "a&b", "x": "="]).text == "?sort=a%26b&x=%3D")
        #expect(WebURL.page("http://library.local:8080/")?.text == "http://library.local:8080/")
        for url in [
            "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil/", "http:///x", "https://", "",
            "http://a b", "http://a/\n", "ftp://a/", " http://a/", "vbscript:x", "http:/a",
        ] {
            #expect(WebURL.page(url) == nil, "\(url)")
        }
    }

    @Test("Every route is read back from its own address")
    func routes() throws {
        let names = [["Lectures"], ["a b", "c%2F", "\u{E4}"], ["x.zip"], ["?", "#"], ["-"], ["s", "s"]]
        var routes: [WebRoute] = [.home, .announce, .scrape, .metrics, .health]
        routes += WebAsset.allCases.map { .asset($0) }
        for name in names {
            let (share, path) = (name[0], Array(name.dropFirst()))
            routes += [
                .content(share: share, path: path, isFolder: true), .content(share: share, path: path, isFolder: false),
                .view(share: share, path: path), .zip(share: share, path: path), .torrent(share: share, path: path),
                .metalink(share: share, path: path),
            ]
        }
        for route in routes {
            #expect(try WebRoute(RequestPath(target: route.url.text)) == route, "\(route.url.text)")
        }
        for target in [
            "/x", "/s", "/s/", "/-", "/-/", "/-/none", "/-/zip", "/-/zip/a", "/-/zip/.zip", "/-/zip/a.zip/", "/-/view/",
            "/announce/", "/announce/x", "/-/torrent/a.zip", "/-/owner.css/x",
        ] {
            #expect(try WebRoute(RequestPath(target: target)) == nil, "\(target)")
        }
    }

    @Test func securityFields() {
        for fields in [SecurityFields.page, SecurityFields.owner] {
            let policy = fields.single("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains("*"))
            #expect(fields.single("X-Content-Type-Options") == "nosniff")
        }
        for name in ["a.html", "a.xhtml", "a.svg", "a.xml", "a.htm"] {
            let policy = SecurityFields.content(MediaType.forName(name)).single("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("sandbox ") && !policy.contains("allow-same-origin"), "\(name)")
        }
        let plain = SecurityFields.content(MediaType.forName("a.pdf"))
        #expect(plain.single("Content-Security-Policy")?.contains("sandbox") == false)
        #expect(plain.single("X-Content-Type-Options") == "nosniff")
        for asset in WebAsset.allCases {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            #expect(
                !text.isEmpty && !text.contains("https://") && !text.contains("innerHTML") && !text.contains("eval("))
        }
    }
}
