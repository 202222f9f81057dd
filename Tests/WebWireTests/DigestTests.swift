import Metainfo
import Testing
import WebWire

@Suite struct DigestTests {
    @Test("The vectors of RFC 4648 §10")
    func base64() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in vectors {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
        }
        for text in ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Z===", "====", "Zg==Zg==", "Zm9-", "Zm9v\n"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    /// RFC 9530 appendix B.1: `{"hello": "world"}` and a line feed.
    private static let example = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="

    @Test func fields() throws {
        let bytes = try #require(Base64.decode(Self.example))
        var fields = HeaderFields()
        DigestFields.appendRepresentation(bytes, to: &fields)
        #expect(fields.single("Repr-Digest") == "sha-256=:\(Self.example):")
        #expect(fields.single("Digest") == "SHA-256=\(Self.example)")
        #expect(DigestFields.representation(of: fields) == bytes)
        let several = "md5=:Q2hlY2sgSW50ZWdyaXR5IQ==:;x=1, sha-256=:\(Self.example):,sha-512=?1"
        #expect(DigestFields.representation(of: ["Repr-Digest": several]) == bytes)
        #expect(DigestFields.representation(of: ["Digest": "MD5=abc, sha-256=\(Self.example)"]) == bytes)
        #expect(DigestFields.content(of: ["Content-Digest": "sha-256=:\(Self.example):"]) == bytes)
        for text in ["", "sha-256", "sha-256=:", "sha-256=:abc:", "sha-256=abc", "sha-256=:AAAA:", "=:AAAA:"] {
            #expect(DigestFields.representation(of: ["Repr-Digest": text]) == nil, "\(text)")
        }
        let zeros = Base64.encode([UInt8](repeating: 0, count: 32))
        let both: HeaderFields = ["Repr-Digest": "sha-256=:\(Self.example):", "Digest": "SHA-256=\(zeros)"]
        #expect(DigestFields.representation(of: both) == nil)
    }

    @Test func wanted() {
        #expect(WantedDigests([:]).representation && !WantedDigests([:]).content)
        #expect(!WantedDigests(["Want-Repr-Digest": "sha-512=3, sha-256=0"]).representation)
        #expect(WantedDigests(["Want-Repr-Digest": "sha-512=3, sha-256=10"]).representation)
        #expect(WantedDigests(["Want-Content-Digest": "sha-256=1"]).content)
        #expect(!WantedDigests(["Want-Content-Digest": "sha-256=11"]).content)
        #expect(!WantedDigests(["Want-Digest": "MD5;q=1, SHA-256;q=0"]).representation)
        #expect(WantedDigests(["Want-Digest": "SHA-256;q=0.3"]).representation)
    }

    @Test("Links as RFC 6249 has them, one a field")
    func links() {
        var mirror = Link.mirror("http://www2.example.com/example.ext", priority: 1, isPreferred: true)
        mirror.location = "gb"
        #expect(
            mirror.description == "<http://www2.example.com/example.ext>; rel=duplicate; pri=1; geo=gb; pref")
        let torrent = Link.description("/-/torrent/a%20b.torrent", mediaType: "application/x-bittorrent")
        #expect(
            torrent.description == "</-/torrent/a%20b.torrent>; rel=describedby; type=\"application/x-bittorrent\"")
        #expect(Link.list(parsing: "\(mirror), \(torrent)") == [mirror, torrent])
        #expect(Link.mirror("http://a/> \r\n, <b>").description == "<http://a/%3E%20%0D%0A,%20%3Cb%3E>; rel=duplicate")
        let read = Link.list(
            parsing: "<a,b>;rel=\"Describedby\" ; type=application/x-bittorrent;title=\"x;,y\",<c>; rel=x")
        #expect(read.map(\.target) == ["a,b", "c"] && read[0].mediaType == "application/x-bittorrent")
        #expect(Link.list(parsing: "<a; rel=x").isEmpty && Link.list(parsing: "a").isEmpty)
        #expect(Link.list(parsing: "<a>; pri=0; pri=7; pri=8")[0].priority == 7)
    }

    @Test func metalink() {
        let hash = [UInt8](repeating: 0xAB, count: 32)
        let file = Metalink.File(
            name: "a/b & \"c\".ext", size: 14_471_447, sha256: hash,
            pieces: Metalink.Pieces(length: 262_144, algorithm: .sha256, hashes: [hash]),
            urls: ["http://a/x?y&z", "http://b/x"], torrents: ["http://a/x.torrent"])
        var bad = file
        let text = Metalink(files: [file, file]).xml
        #expect(
            text.hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">"))
        #expect(text.contains("<file name=\"a/b &amp; &quot;c&quot;.ext\">"))
        #expect(text.contains("<size>14471447</size>"))
        #expect(text.contains("<hash type=\"sha-256\">" + String(repeating: "ab", count: 32) + "</hash>"))
        #expect(text.contains("<pieces length=\"262144\" type=\"sha-256\">"))
        #expect(text.contains("<metaurl mediatype=\"torrent\" priority=\"1\">http://a/x.torrent</metaurl>"))
        #expect(text.contains("<url priority=\"1\">http://a/x?y&amp;z</url>\n    <url priority=\"2\">http://b/x</url>"))
        #expect(text.split(separator: "<file ").count == 2)
        for name in ["", "/a", "../a", "a/../b", "a/..", "./a", "a//b"] {
            bad.name = name
            #expect(!Metalink(files: [bad]).xml.contains("<file"), "\(name)")
        }
        bad.name = "a\u{1}\n<b>"
        #expect(Metalink(files: [bad]).xml.contains("name=\"a\u{FFFD}&#10;&lt;b&gt;\""))
    }
}
