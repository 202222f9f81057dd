import Testing
import WebWire

@Suite struct AddressTests {
    @Test(
        "References mean what RFC 3986 §5.4 says",
        arguments: [
            ("g", "g"), ("./g", "g"), ("g/", "g/"), ("/g", "//g"), ("?y", "d;p?y"), ("g?y", "g?y"), ("#s", "d;p?q"),
            ("g#s", "g"), ("g?y#s", "g?y"), (";x", ";x"), ("g;x", "g;x"), ("g;x?y#s", "g;x?y"), ("", "d;p?q"),
            (".", ""), ("./", ""), ("..", "../"), ("../", "../"), ("../g", "../g"), ("../..", "//"), ("../../", "//"),
            ("../../g", "//g"), ("../../../g", "//g"), ("../../../../g", "//g"), ("/./g", "//g"), ("/../g", "//g"),
            ("g.", "g."), (".g", ".g"), ("g..", "g.."), ("..g", "..g"), ("./../g", "../g"), ("./g/.", "g/"),
            ("g/./h", "g/h"), ("g/../h", "h"), ("g;x=1/./y", "g;x=1/y"), ("g;x=1/../y", "y"), ("g?y/./x", "g?y/./x"),
            ("g?y/../x", "g?y/../x"),
        ])
    func references(reference: String, meaning: String) throws {
        let base = try HTTPURL(parsing: "http://a/b/c/d;p?q")
        // The expectations of the RFC, with their common beginning left out.
        let expected =
            meaning.hasPrefix("//")
            ? "http://a/" + meaning.dropFirst(2)
            : meaning.hasPrefix("../") ? "http://a/b/" + meaning.dropFirst(3) : "http://a/b/c/" + meaning
        #expect(try base.resolving(reference).description == expected)
    }

    @Test func otherHosts() throws {
        let base = try HTTPURL(parsing: "http://a/b/c/d;p?q")
        #expect(try base.resolving("//g").description == "http://g/")
        #expect(try base.resolving("https://h:444/x").port == 444)
        for reference in ["g:h", "file:///etc/passwd", "ftp://h/x", "javascript:alert(1)"] {
            #expect(throws: HTTPURLError.self) { try base.resolving(reference) }
        }
    }

    @Test func parts() throws {
        let url = try HTTPURL(parsing: " http://Example.ORG:8080/a b/ü?x=\"y\"#z ")
        #expect(url.host == "example.org")
        #expect(url.port == 8080)
        #expect(url.target == "/a%20b/%C3%BC?x=%22y%22")
        #expect(url.authority == "example.org:8080")
        #expect(try HTTPURL(parsing: "http://[fe80::1%eth0]:81/").host == "fe80::1%eth0")
        #expect(try HTTPURL(parsing: "http://[fe80::1%eth0]:81/").authority == "[fe80::1]:81")
        #expect(try HTTPURL(parsing: "http://h/100%").target == "/100%25")
        #expect(
            try HTTPURL(parsing: "http://h/d").appending(["ä#", "x y"]).description == "http://h/d/%C3%A4%23/x%20y")
    }

    @Test(
        "What is no web address is refused",
        arguments: [
            "", "http:", "http://", "http://:80/", "http://u:p@h/", "http://h:0/", "http://h:99999/", "http://h:x/",
            "http://[::1/", "http://a b/", "http://h\r\nX: y/", "ftp://h/", "h/x", "http://::1/",
        ])
    func refused(text: String) {
        #expect(throws: HTTPURLError.self) { try HTTPURL(parsing: text) }
    }

    @Test("No request can be split by what an address has in it")
    func controls() throws {
        let url = try HTTPURL(parsing: "http://h/a\r\nX: y\u{0}?b\r\nc")
        #expect(url.target == "/a%0D%0AX:%20y%00?b%0D%0Ac")
    }

    @Test func pageLinks() {
        let type = "application/x-bittorrent"
        let find = { (text: String) in PageLinks.first(ofType: type, in: text.utf8) }
        #expect(find("<head><LINK rel='alternate' TYPE=\"\(type)\" href=/t?a=1&amp;b=2></head>") == "/t?a=1&b=2")
        #expect(find("<link rel=stylesheet type=\(type) href=/t>") == nil)
        #expect(find("<link rel=alternate type=\(type) href=>") == nil)
        #expect(find("<link rel=alternate type=\(type) href=\"/never closed") == "/never closed")
        #expect(find("<link") == nil)
        #expect(find("<link = = ' \" >") == nil)
    }

    @Test func fileNames() {
        let name = { (text: String) in ContentDisposition.fileName(of: text).map { String(decoding: $0, as: UTF8.self) }
        }
        // From RFC 6266 §5.
        #expect(name("Attachment; filename=example.html") == "example.html")
        #expect(name("INLINE; FILENAME= \"an example.html\"") == "an example.html")
        #expect(name("attachment; filename*= UTF-8''%e2%82%ac%20rates") == "€ rates")
        #expect(name("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates") == "€ rates")
        // From RFC 8187 §3.2.2.
        #expect(name("attachment; filename*=iso-8859-1'en'%A3%20rates") == "£ rates")
        #expect(name("attachment; filename=\"../../etc/passwd\"") == "passwd")
        #expect(name("attachment; filename=\"C:\\\\x\\\\y.txt\"") == "y.txt")
        #expect(name("attachment") == nil)
        #expect(name("attachment; filename*=utf-8''%ff") == nil)
    }

    @Test func claims() {
        let long = Base64.encode([UInt8](repeating: 7, count: 64))
        let short = Base64.encode([UInt8](repeating: 9, count: 32))
        #expect(DigestFields.claim(of: ["Repr-Digest": "sha-512=:\(long):"])?.algorithm == .sha512)
        #expect(DigestFields.claim(of: ["Digest": "SHA-512=\(long)"])?.algorithm == .sha512)
        #expect(DigestFields.claim(of: ["Repr-Digest": "sha-512=:\(long):, sha-256=:\(short):"])?.algorithm == .sha256)
        #expect(DigestFields.claim(of: ["Repr-Digest": "md5=:\(short):"]) == nil)
        #expect(DigestFields.claim(of: ["Repr-Digest": "sha-512=:\(short):"]) == nil)
        let other = Base64.encode([UInt8](repeating: 8, count: 64))
        #expect(DigestFields.claim(of: ["Repr-Digest": "sha-512=:\(long):", "Digest": "SHA-512=\(other)"]) == nil)
    }
}
