import Testing

@testable import Doctor

@Suite struct IPPrefixTests {
    @Test(arguments: [
        ("10.0.0.0", "10.0.0.255", ["10.0.0.0/24"]), ("10.0.0.1", "10.0.0.4", ["10.0.0.1", "10.0.0.2/31", "10.0.0.4"]),
        ("0.0.0.0", "255.255.255.255", ["0.0.0.0/0"]), ("255.255.255.254", "255.255.255.255", ["255.255.255.254/31"]),
        ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["::/0"]), ("fe80::1", "fe80::1", ["fe80::1"]),
    ])
    func ranges(low: String, high: String, networks: [String]) throws {
        let (low, high) = (try #require(IPPrefix(low)), try #require(IPPrefix(high)))
        #expect(IPPrefix.covering(low, high)?.map(\.description) == networks)
    }

    @Test func networksWithinOthers() throws {
        let wide = try #require(IPPrefix("10.0.0.0/8"))
        let narrow = try #require(IPPrefix("10.1.0.0/255.255.0.0"))
        #expect(narrow.length == 16 && wide.contains(narrow) && !narrow.contains(wide) && narrow.overlaps(wide))
        #expect(IPPrefix("10.0.0.0/33") == nil && IPPrefix("fe80::1/64")?.isLinkLocal == true && IPPrefix("x") == nil)
    }
}
