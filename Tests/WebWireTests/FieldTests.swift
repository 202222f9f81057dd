import Metainfo
import Testing
import TestSupport
import WebWire

@Suite struct FieldTests {
    static let now = HTTPDate(secondsSinceEpoch: 1_795_572_000)

    @Test("The three forms of RFC 9110 §5.6.7 are the same moment")
    func dates() {
        let texts = [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ]
        for text in texts {
            #expect(HTTPDate(parsing: text, now: Self.now)?.secondsSinceEpoch == 784_111_777, "\(text)")
        }
        let date = HTTPDate(secondsSinceEpoch: 784_111_777)
        #expect(date.description == texts[0])
        #expect(date.internetText == "1994-11-06T08:49:37Z")
        #expect(date.shortText == "1994-11-06 08:49")
        #expect(HTTPDate(secondsSinceEpoch: 951_782_400).description == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate(parsing: "Wed Nov 16 08:49:37 1994", now: Self.now)?.secondsSinceEpoch == 784_975_777)
        // 76 is the year 2076, within fifty years of 2026; 77 is 1977.
        let near = HTTPDate(parsing: "Sunday, 01-Mar-76 00:00:00 GMT", now: Self.now)
        #expect(near?.internetText == "2076-03-01T00:00:00Z")
        let far = HTTPDate(parsing: "Tuesday, 01-Mar-77 00:00:00 GMT", now: Self.now)
        #expect(far?.internetText == "1977-03-01T00:00:00Z")
    }

    @Test(
        "RFC 3339 at known points in time",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_764_036_000, "2025-11-25T02:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (Int64.min, "0000-01-01T00:00:00Z"), (Int64.max, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func internetText(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(secondsSinceEpoch: seconds).internetText == text)
    }

    @Test(
        "How long an asker waits is read, or not at all (RFC 7240)",
        arguments: [
            ("wait=30", 30), ("respond-async, wait = 5; x=1", 5), ("Wait=0", 0), ("wait=-1", nil), ("wait", nil),
            ("wait=99999999999", nil), ("wait=\u{0663}", nil), ("", nil),
        ] as [(String, Int64?)])
    func wait(text: String, seconds: Int64?) {
        #expect(WaitPreference(["Prefer": text])?.seconds == seconds)
        #expect(WaitPreference(HeaderFields()) == nil)
    }

    @Test("Every day of four centuries comes back")
    func calendar() {
        for day in stride(from: Int64(-135_140), to: 150_000, by: 13) {
            let date = HTTPDate(secondsSinceEpoch: day * 86400 + day % 86400 + 3600 * 5)
            #expect(HTTPDate(parsing: date.description, now: Self.now) == date)
        }
        #expect(HTTPDate(secondsSinceEpoch: .min).description == "Sat, 01 Jan 0000 00:00:00 GMT")
        #expect(HTTPDate(secondsSinceEpoch: .max).description == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test(
        "What is no date is nil",
        arguments: [
            "", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:3a GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun, +6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "    ", "Sun Nov   08:49:37 1994",
        ])
    func wrongDates(text: String) {
        #expect(HTTPDate(parsing: text, now: Self.now) == nil)
    }

    @Test("Comparison of entity tags, the table of RFC 9110 §8.8.3.2")
    func entityTags() throws {
        let weak1 = try #require(EntityTag(parsing: "W/\"1\""))
        let weak2 = try #require(EntityTag(parsing: "W/\"2\""))
        let strong = try #require(EntityTag(parsing: "\"1\""))
        #expect(!weak1.stronglyMatches(weak1) && weak1.weaklyMatches(weak1))
        #expect(!weak1.stronglyMatches(weak2) && !weak1.weaklyMatches(weak2))
        #expect(!weak1.stronglyMatches(strong) && weak1.weaklyMatches(strong))
        #expect(strong.stronglyMatches(strong) && strong.weaklyMatches(strong))
        #expect(EntityTag(content: MerkleHash.zero).description == "\"" + String(repeating: "0", count: 64) + "\"")
        for text in ["", "1", "\"", "\"1", "w/\"1\"", "\"1\"x", "\"a b\"", "W/1", "\"\u{7F}\""] {
            #expect(EntityTag(parsing: text) == nil, "\(text)")
        }
    }

    @Test func entityTagLists() throws {
        let one = try #require(EntityTag(opaque: "xyzzy"))
        let two = try #require(EntityTag(opaque: "r2d2,xxxx", isWeak: true))
        #expect(EntityTagCondition(parsing: " * ") == .any)
        #expect(EntityTagCondition(parsing: "\"xyzzy\"") == .tags([one]))
        #expect(EntityTagCondition(parsing: "\"xyzzy\" ,, W/\"r2d2,xxxx\" ,") == .tags([one, two]))
        for text in ["", "**", "*, \"a\"", "xyzzy", "\"a\" \"b\"", "\"a\";"] {
            #expect(EntityTagCondition(parsing: text) == nil, "\(text)")
        }
        #expect(EntityTagCondition(parsing: String(repeating: "\"a\",", count: 65)) == nil)
    }

    @Test func retryAfter() {
        #expect(RetryAfter(parsing: "120", now: Self.now) == .seconds(120))
        let date = HTTPDate(secondsSinceEpoch: Self.now.secondsSinceEpoch + 90)
        #expect(RetryAfter(parsing: date.description, now: Self.now) == .date(date))
        #expect(RetryAfter.date(date).delay(now: Self.now, limit: 3600) == 90)
        #expect(RetryAfter(parsing: "99999999999999999999", now: Self.now)?.delay(now: Self.now, limit: 3600) == 3600)
        #expect(RetryAfter(parsing: "-1", now: Self.now) == nil && RetryAfter(parsing: "soon", now: Self.now) == nil)
    }

    @Test("No value can become a second field")
    func injection() {
        var fields: HeaderFields = ["A": "1"]
        fields.append("a", "2\r\nSet-Cookie: x\0")
        #expect(fields.all("A") == ["1", "2  Set-Cookie: x "])
        #expect(fields.single("a") == nil && fields.list("A") == "1, 2  Set-Cookie: x ")
        let name = "r\u{E9}sum\u{E9} \"1\".pdf"
        #expect(
            ContentDisposition.attachment(name)
                == "attachment; filename=\"r__sum__ _1_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.pdf")
        #expect(ContentDisposition.inline("a b.txt") == "inline; filename=\"a b.txt\"")
        #expect(!ContentDisposition.attachment("a\r\nb").contains("\r"))
    }

    @Test("Mutated fields never trap, and what is read is written and read the same")
    func fuzz() {
        var generator = TestRandom(seed: 3)
        let seeds = [
            "Sun, 06 Nov 1994 08:49:37 GMT", "W/\"abc\", \"def\"", "bytes=0-499,-5,7-", "bytes 0-499/1234",
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, unixsum=30637", "sha-256=10, sha-512=0",
            "<http://a/b>; rel=duplicate; pri=1; geo=de; pref, </x>; rel=\"describedby\"; type=\"a/b\"",
            "SHA-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=,MD5=x",
        ]
        for round in 0..<20_000 {
            let text = String(decoding: generator.mutated(Array(seeds[round % seeds.count].utf8)), as: UTF8.self)
            if let date = HTTPDate(parsing: text, now: Self.now) {
                #expect(HTTPDate(parsing: date.description, now: Self.now) == date)
            }
            if let range = RangeRequest(parsing: text) {
                #expect(RangeRequest(parsing: range.description) == range)
                if case .several(let ranges) = range.resolve(length: 1000) {
                    #expect(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= 1000 && !$0.isEmpty })
                }
            }
            if let range = ContentRange(parsing: text) { #expect(ContentRange(parsing: range.description) == range) }
            if let tag = EntityTag(parsing: text) { #expect(EntityTag(parsing: tag.description) == tag) }
            _ = EntityTagCondition(parsing: text)
            _ = RetryAfter(parsing: text, now: Self.now)
            var fields = HeaderFields()
            for name in ["Repr-Digest", "Digest", "Content-Digest", "Want-Repr-Digest", "Want-Digest", "If-Range"] {
                fields.append(name, text)
            }
            #expect((DigestFields.representation(of: fields)?.count ?? 32) == 32)
            _ = WantedDigests(fields)
            _ = Preconditions(fields, now: Self.now)
            for link in Link.list(parsing: text) { #expect(Link.list(parsing: link.description).count == 1) }
        }
    }
}
