import Metainfo
import Testing
import WebPages
import WebWire

@Suite struct PageTests {
    @Test("No name becomes markup, and all elements are closed")
    func hostileNames() {
        for page in Samples.pages {
            #expect(!page.contains("<img src=x") && !page.contains("javascript:") && !page.contains("<script>"))
            #expect(!page.contains(" style=") && !page.contains(" onclick=") && !page.contains("<iframe"))
            var open: [Substring] = []
            let void: Set<Substring> = ["meta", "link", "input", "img", "!DOCTYPE"]
            for part in page.split(separator: "<") {
                let name = part.prefix { $0 != " " && $0 != ">" && $0 != "\n" }
                if name.hasPrefix("/") {
                    #expect(open.popLast() == name.dropFirst(), "\(part)")
                } else if !void.contains(name) {
                    open.append(name)
                }
            }
            #expect(open.isEmpty, "\(open)")
        }
    }

    @Test("Each page has a title, one main part, one first heading, and names for what has none")
    func structure() {
        for page in Samples.pages where !page.contains("brand\" id=") {
            #expect(page.ranges(of: "<h1>").count == 1 && page.ranges(of: "<main ").count == 1)
            #expect(
                page.contains("<html lang=\"en\">") && page.contains("name=\"viewport\"") && page.contains("<title>"))
            #expect(page.ranges(of: "<table").count == page.ranges(of: "<caption").count)
            #expect(page.ranges(of: "<nav").count == page.ranges(of: "<nav aria-label").count)
            #expect(page.ranges(of: "<img").count == page.ranges(of: " alt=").count)
            #expect(!page.contains("<th>"))
        }
    }

    @Test("A hundred shares fit 30 KiB, style included")
    func weight() {
        let shares = (1...100).map { Samples.share("Lecture notes, week \($0)") }
        let page = HomePage.html(HostSnapshot(name: "workbench", shares: shares, otherHosts: []))
        #expect(page.markup.utf8.count <= 30 << 10)
        #expect(!page.markup.contains("rel=\"stylesheet\"") && !page.markup.contains("<script"))
    }

    @Test("A folder's page tells programs of its ZIP, torrent and magnet link")
    func machineLinks() {
        let page = FolderPage.html(
            FolderSnapshot(
                hostName: "h", share: Samples.share("Lectures"), path: ["Week 1"], entries: Samples.entries(["a.pdf"])))
        for link in [
            "type=\"application/zip\" href=\"/-/zip/Lectures/Week%201.zip\"",
            "type=\"application/x-bittorrent\" href=\"/-/torrent/Lectures.torrent\"",
            "href=\"magnet:?xt=urn:btih:000102", "href=\"/-/torrent/Lectures/Week%201/a.pdf.torrent\"",
            "href=\"/-/meta4/Lectures/Week%201/a.pdf.meta4\"", "href=\"/s/Lectures/Week%201/a.pdf\"",
        ] {
            #expect(page.markup.contains(link), "\(link)")
        }
    }

    @Test func previews() {
        #expect(FilePage.html(Samples.file("a.jpg")).markup.contains("<img src=\"/s/"))
        #expect(FilePage.html(Samples.file("a.ogg")).markup.contains("<audio controls preload=\"metadata\" src="))
        #expect(FilePage.html(Samples.file("a.webm")).markup.contains("<video controls"))
        #expect(FilePage.html(Samples.file("a.md", text: "x<y")).markup.contains(">x&lt;y</pre>"))
        #expect(FilePage.html(Samples.file("a.bin")).markup.contains("There is no preview"))
    }

    @Test("An inbox has a form that needs no script; others have none")
    func upload() {
        let inbox = FolderPage.html(Samples.folder([], isInbox: true)).markup
        #expect(inbox.contains("<form method=\"post\" enctype=\"multipart/form-data\" action=\"/s/"))
        #expect(inbox.contains("<label for=\"files\">") && inbox.contains("<script src=\"/-/app.js\" defer></script>"))
        #expect(!FolderPage.html(Samples.folder([])).markup.contains("<form"))
    }

    @Test("The owner's page names every part that its script fills")
    func owner() {
        let page = OwnerPage.html.markup
        let script = String(decoding: WebAsset.ownerScript.bytes, as: UTF8.self)
        for id in [
            "brand", "live", "transfers", "shares", "hosts", "roles", "settings", "doctor", "transfer-list",
            "share-list",
            "host-list", "setting-list", "finding-list", "client-side", "server-side", "notices", "add-share",
            "add-transfer", "add-host",
        ] {
            #expect(page.contains("id=\"\(id)\"") && script.contains("\"\(id)\""), "\(id)")
        }
        #expect(!script.contains("/api/"))
    }
}
