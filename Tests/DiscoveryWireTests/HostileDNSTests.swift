import DiscoveryWire
import Testing

/// Datagrams that try to do harm.
@Suite struct HostileDNSTests {
    private func question(_ name: [UInt8]) -> [UInt8] {
        [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 1, 0, 1]
    }

    @Test(arguments: [
        ([0xC0, 12], DiscoveryWireError.badPointer(offset: 12)),  // to itself
        ([0xC0, 14], .badPointer(offset: 12)),  // forwards
        ([1, 0x61, 0xC0, 12], .badPointer(offset: 14)),  // to its own beginning
        ([0x40, 0], .badLabel(offset: 12)),
        ([0x80, 0], .badLabel(offset: 12)),
        ([63, 1, 2], .truncated(offset: 12)),
    ])
    func badNames(name: [UInt8], error: DiscoveryWireError) {
        #expect(throws: error) { try DNSMessage(decoding: question(name)) }
    }

    @Test func pointersThatMakeLongNames() {
        // Each name is one label and a pointer to the one before: backwards, but the length has its limit.
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
        var place = 0
        for number in 0..<9 {
            let start = bytes.count
            bytes += [40] + [UInt8](repeating: 0x61, count: 40)
            bytes += number == 0 ? [0] : [0xC0 | UInt8(place >> 8), UInt8(place & 0xFF)]
            bytes += [0, 1, 0, 1]
            place = start
        }
        #expect(throws: DiscoveryWireError.nameTooLong) { try DNSMessage(decoding: bytes) }
    }

    @Test func countsThatPromiseMuch() {
        let bytes: [UInt8] = [0, 0, 0x84, 0] + [UInt8](repeating: 0xFF, count: 8)
        #expect(throws: DiscoveryWireError.truncated(offset: 12)) { try DNSMessage(decoding: bytes) }
        #expect(throws: DiscoveryWireError.self) { try DNSMessage(decoding: []) }
        #expect(throws: DiscoveryWireError.datagramTooLong(length: 9001)) {
            try DNSMessage(decoding: [UInt8](repeating: 0, count: 9001))
        }
    }

    @Test func wrongLengths() {
        for (type, length) in [(1, 3), (28, 15), (33, 6), (12, 0), (16, 2)] as [(UInt8, UInt8)] {
            let bytes: [UInt8] = [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, type, 0, 1, 0, 0, 0, 9, 0, length]
            #expect(throws: DiscoveryWireError.self) {
                try DNSMessage(decoding: bytes + [UInt8](repeating: 5, count: Int(length)))
            }
        }
    }

    @Test func randomChangesNeverTrap() throws {
        let type = try #require(DomainName(text: "_duplex._tcp.local"))
        let instance = try type.prepending("x")
        let message = DNSMessage(
            isResponse: true, questions: [DNSQuestion(name: type, type: .any)],
            answers: [
                DNSRecord(name: type, timeToLive: 1, data: .pointer(instance)),
                DNSRecord(name: instance, timeToLive: 1, data: .service(ServiceLocation(port: 1, target: type))),
                DNSRecord(name: instance, timeToLive: 1, data: .text(TextRecord(["a": "b"]))),
                DNSRecord(name: instance, timeToLive: 1, data: .noneBut(next: type, types: [.a, .any])),
            ])
        let good = try #require(message.encoded())
        var accepted = 0
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<30_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            guard let read = try? DNSMessage(decoding: bytes) else { continue }
            accepted += 1
            if let written = read.encoded(), read.isPlain {
                #expect(try DNSMessage(decoding: written).answers == read.answers)
            }
        }
        #expect(accepted > 1000)
    }
}
