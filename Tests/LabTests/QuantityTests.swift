import Testing

@testable import Lab

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("1048576", 1_048_576), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("100MB", 100_000_000), ("1.5GiB", 3 << 29),
            ("16 KiB", 16384), ("16kib", 16384), ("5kB", 5000), ("7B", 7), ("2TiB", 2 << 40), ("0.5KiB", 512),
        ] as [(String, Int64)])
    func readsSizes(text: String, bytes: Int64) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: [
        "", "0", "-1", "+1", "64Mi", "64 M", "MiB", "1.MiB", ".5MiB", "1..5MiB", "0.3B", "1e9", "0x10", "nan", "inf",
        "99999999999999999999", "9999999TiB", "64MiB ", "64  MiB", "٣MiB", "64Mbit", "1,5MiB",
    ])
    func refusesSizes(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(
        arguments: [
            ("50Mbit", 50_000_000), ("1Gbit", 1_000_000_000), ("800kbit", 800_000), ("1000000", 1_000_000),
            ("2.5Gbit", 2_500_000_000), ("50mbit", 50_000_000), ("50 Mbit/s", 50_000_000), ("9600bit", 9600),
        ] as [(String, Int64)])
    func readsRates(text: String, bits: Int64) {
        #expect(LinkRate.parse(text) == bits)
    }

    @Test(arguments: ["", "0", "-5Mbit", "50MB", "50Mbit/", "50Mbit/h", "Mbit", "50M", "/s", "bit/s", "1e3"])
    func refusesRates(text: String) {
        #expect(LinkRate.parse(text) == nil)
    }

    @Test func writesRates() {
        #expect(LinkRate.text(50_000_000) == "50 Mbit/s")
        #expect(LinkRate.text(1_500_000_000) == "1.5 Gbit/s")
        #expect(LinkRate.text(100) == "100 bit/s")
    }

    @Test func readsHostCounts() {
        #expect(HostCounts.parse("1,2,4,8,16") == [1, 2, 4, 8, 16])
        #expect(HostCounts.parse("16,1") == [1, 16])
        #expect(HostCounts.parse("7") == [7])
    }

    @Test(arguments: [
        "", ",", "1,", ",1", "0", "1,0", "-1", "+1", "1,1", "1 ,2", "x", "1.5", "٣", "99999999999999999999",
    ])
    func refusesHostCounts(text: String) {
        #expect(HostCounts.parse(text) == nil)
    }
}
