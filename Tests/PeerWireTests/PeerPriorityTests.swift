import PeerWire
import Testing

@Suite struct PeerPriorityTests {
    private func priority(_ one: String, _ other: String) throws -> UInt32 {
        let first = try #require(PeerAddress(parsing: one))
        let second = try #require(PeerAddress(parsing: other))
        let priority = first.canonicalPriority(with: second)
        #expect(second.canonicalPriority(with: first) == priority)
        return priority
    }

    @Test func vectorsOfBEP40() throws {
        #expect(try priority("123.213.32.10:0", "98.76.54.32:0") == 0xEC2D_7224)
        #expect(try priority("123.213.32.10:0", "123.213.32.234:0") == 0x9956_8189)
    }

    @Test func sameAddressUsesThePorts() throws {
        // CRC-32C of 1A E1 1A E2, computed outside.
        #expect(try priority("192.0.2.1:6881", "192.0.2.1:6882") == 0x67F8_FE57)
        #expect(try priority("[2001:db8::1]:6881", "[2001:db8::1]:6882") == 0x67F8_FE57)
    }

    @Test func onlyTheMaskedBytesOfIPv6Count() throws {
        // Beyond the first 48 bits only the bits of 0x55 count while those differ.
        #expect(
            try priority("[2001:db8:1::aa]:1", "[2001:db8:2::55]:1")
                == priority("[2001:db8:1:aaaa::]:2", "[2001:db8:2::ff]:3"))
        // In a common /48 the byte behind it counts whole.
        #expect(
            try priority("[2001:db8:1:aa00::]:1", "[2001:db8:1:0055::]:1")
                != priority("[2001:db8:1:0000::]:1", "[2001:db8:1:0055::]:1"))
        // Computed outside from the masked bytes.
        #expect(try priority("[2001:db8:1::aa]:1", "[2001:db8:2::55]:1") == 0xF495_719B)
    }
}
