import Testing
import WebWire

@Suite struct ContentAnswerTests {
    static let modified = HTTPDate(secondsSinceEpoch: 784_111_777)
    static let later = "Sun, 06 Nov 1994 08:49:38 GMT"
    static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let now = HTTPDate(secondsSinceEpoch: 1_795_572_000)

    static let file = Representation(
        length: 1000, mediaType: "text/plain",
        validators: Validators(entityTag: EntityTag(opaque: "abc"), lastModified: modified),
        sha256: Array(repeating: 0, count: 32), extraFields: ["Cache-Control": "no-cache"])

    static func ask(_ fields: HeaderFields, _ method: ReadingMethod = .get) -> ContentAnswer {
        ContentAnswer(to: method, fields: fields, of: file, now: now, boundary: "B")
    }

    @Test func whole() {
        let answer = Self.ask([:])
        #expect(answer.status == 200 && answer.body == [.content(0..<1000)])
        #expect(answer.fields.single("Content-Length") == "1000")
        #expect(answer.fields.single("ETag") == "\"abc\"")
        #expect(answer.fields.single("Accept-Ranges") == "bytes")
        #expect(answer.fields.single("Last-Modified") == Self.modified.description)
        let digest = String(repeating: "A", count: 43) + "="
        #expect(answer.fields.single("Repr-Digest") == "sha-256=:\(digest):")
        #expect(answer.fields.single("Digest") == "SHA-256=\(digest)")
        #expect(answer.fields.single("Content-Digest") == nil)
        let head = Self.ask(["Range": "bytes=0-1"], .head)
        #expect(head.status == 200 && head.body.isEmpty && head.fields == answer.fields)
        #expect(Self.ask(["Want-Content-Digest": "sha-256=1"]).fields.single("Content-Digest") != nil)
        #expect(Self.ask(["Want-Repr-Digest": "sha-256=0"]).fields.single("Repr-Digest") == nil)
    }

    @Test func ranges() {
        let one = Self.ask(["Range": "bytes=10-19"])
        #expect(one.status == 206 && one.body == [.content(10..<20)])
        #expect(one.fields.single("Content-Range") == "bytes 10-19/1000")
        #expect(one.fields.single("Content-Length") == "10")
        for name in ["ETag", "Cache-Control", "Repr-Digest", "Last-Modified"] {
            #expect(one.fields.single(name) != nil, "\(name)")
        }
        let several = Self.ask(["Range": "bytes=0-0,-1"])
        #expect(several.status == 206 && several.body.count == 5)
        #expect(several.fields.single("Content-Range") == nil)
        #expect(several.fields.single("Content-Type") == "multipart/byteranges; boundary=B")
        let none = Self.ask(["Range": "bytes=1000-"])
        #expect(none.status == 416 && none.body.isEmpty)
        #expect(none.fields.single("Content-Range") == "bytes */1000")
        // Repeated, or not understood: as if there were none.
        #expect(Self.ask(["Range": "bytes=0-1", "range": "bytes=2-3"]).status == 200)
        #expect(Self.ask(["Range": "bytes=x"]).status == 200)
    }

    @Test("The order of RFC 9110 §13.2.2")
    func conditions() {
        let cases: [(HeaderFields, Int)] = [
            (["If-Match": "\"abc\""], 200), (["If-Match": "*"], 200), (["If-Match": "\"x\", \"abc\""], 200),
            (["If-Match": "\"x\""], 412), (["If-Match": "W/\"abc\""], 412), (["If-Match": "nonsense"], 412),
            (["If-Unmodified-Since": Self.earlier], 412), (["If-Unmodified-Since": Self.modified.description], 200),
            (["If-Unmodified-Since": "nonsense"], 200),
            // If-Match is asked first and alone.
            (["If-Match": "\"abc\"", "If-Unmodified-Since": Self.earlier], 200),
            (["If-None-Match": "\"abc\""], 304), (["If-None-Match": "W/\"abc\""], 304), (["If-None-Match": "*"], 304),
            (["If-None-Match": "\"x\""], 200), (["If-None-Match": "nonsense"], 200),
            (["If-Modified-Since": Self.modified.description], 304), (["If-Modified-Since": Self.later], 304),
            (["If-Modified-Since": Self.earlier], 200), (["If-Modified-Since": "nonsense"], 200),
            (["If-None-Match": "\"x\"", "If-Modified-Since": Self.later], 200),
            (["If-Match": "\"x\"", "If-None-Match": "\"abc\""], 412),
            (["If-Match": "\"abc\"", "If-None-Match": "\"abc\""], 304),
            // A range counts only where the answer would be 200.
            (["If-None-Match": "\"abc\"", "Range": "bytes=0-1"], 304),
            (["If-Match": "\"x\"", "Range": "bytes=5000-"], 412),
        ]
        for (fields, status) in cases {
            #expect(Self.ask(fields).status == status, "\(fields)")
            if fields.single("Range") == nil { #expect(Self.ask(fields, .head).status == status, "HEAD \(fields)") }
        }
        let unchanged = Self.ask(["If-None-Match": "\"abc\""])
        #expect(unchanged.body.isEmpty && unchanged.fields.single("ETag") == "\"abc\"")
        #expect(unchanged.fields.single("Cache-Control") == "no-cache")
        #expect(unchanged.fields.single("Content-Length") == nil)
    }

    @Test func ifRange() {
        let cases: [(String, Int)] = [
            ("\"abc\"", 206), ("\"x\"", 200), ("W/\"abc\"", 200), (Self.modified.description, 206), (Self.later, 200),
            (Self.earlier, 200), ("nonsense", 200), ("\"abc\", \"x\"", 200),
        ]
        for (text, status) in cases {
            #expect(Self.ask(["Range": "bytes=0-1", "If-Range": text]).status == status, "\(text)")
        }
        // Within the second of the change a date proves nothing.
        let fresh = ContentAnswer(
            to: .get, fields: ["Range": "bytes=0-1", "If-Range": Self.modified.description], of: Self.file,
            now: Self.modified, boundary: "B")
        #expect(fresh.status == 200)
        #expect(Self.ask(["If-Range": "\"x\""]).status == 200)
    }

    @Test("Something new may only be put where nothing is")
    func writing() {
        let create = Preconditions(["If-None-Match": "*"], now: Self.now)
        #expect(create.evaluate(nil, isReading: false) == .proceed)
        #expect(create.evaluate(Self.file.validators, isReading: false) == .failed)
        #expect(Preconditions(["If-Match": "*"], now: Self.now).evaluate(nil, isReading: false) == .failed)
    }

    @Test func mediaTypes() {
        #expect(MediaType.forName("a.TXT") == "text/plain; charset=utf-8")
        #expect(MediaType.forName("a.tar.gz") == "application/gzip")
        #expect(MediaType.forName(".html") == MediaType.binary && MediaType.forName("README") == MediaType.binary)
        #expect(MediaType.preview("a.jpg") == .picture && MediaType.preview("a.mp4") == .video)
        #expect(MediaType.preview("a.md") == .text && MediaType.preview("a.zip") == nil)
    }
}
