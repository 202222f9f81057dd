import Testing
import WebWire

@Suite struct AcceptEncodingTests {
    @Test(
        "What a client takes (RFC 9110 §12.5.3)",
        arguments: [
            ([], .identity), ([""], .identity), (["gzip"], .gzip), (["GZip"], .gzip), (["x-gzip"], .gzip),
            (["compress, gzip"], .gzip), (["*"], .gzip), (["compress;q=0.5, gzip;q=1.0"], .gzip),
            (["gzip;q=1.0, identity; q=0.5, *;q=0"], .gzip), (["gzip;q=0"], .identity), (["gzip;q=0.000"], .identity),
            (["identity, gzip;q=0.5"], .identity), (["identity;q=0"], nil), (["*;q=0"], nil),
            (["*;q=0, gzip"], .gzip), (["*;q=0, identity"], .identity), (["br"], .identity), (["br", "gzip"], .gzip),
            ([", ,gzip ,"], .gzip), (["gzip ; q=0.001"], .gzip),
        ] as [([String], AcceptEncoding.Coding?)])
    func preferred(_ values: [String], _ expected: AcceptEncoding.Coding?) {
        #expect(AcceptEncoding(values).preferred == expected)
    }

    @Test(
        "What cannot be read is left out, and what follows it is not",
        arguments: [
            "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=", "gzip;a=1", "gzip;q=-1", "\"gzip\"", "gzip gzip",
        ])
    func odd(_ text: String) {
        #expect(AcceptEncoding([text]).preferred == .identity, "\(text)")
        #expect(AcceptEncoding([text + ", gzip"]).preferred == .gzip, "\(text)")
    }

    @Test("A list without end is read as far as is sensible")
    func long() {
        let many = Array(repeating: "a", count: 100_000).joined(separator: ",")
        #expect(AcceptEncoding([many + ",gzip"]).preferred == .identity)
        #expect(AcceptEncoding(["gzip," + many]).preferred == .gzip)
    }
}
