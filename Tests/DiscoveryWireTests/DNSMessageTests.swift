import DiscoveryWire
import Testing

@Suite struct DNSMessageTests {
    /// `avahi-browse` 0.8 asking for a type, as captured.
    @Test func question() throws {
        let bytes = hex("000000000001000000000000 075f6475706c6578045f746370056c6f63616c00 000c 0001")
        let message = try DNSMessage(decoding: bytes)
        let type = try #require(DomainName(text: "_duplex._tcp.local"))
        #expect(message == DNSMessage(isResponse: false, questions: [DNSQuestion(name: type, type: .ptr)]))
        #expect(message.encoded() == bytes)
    }

    @Test func everyRecordSurvives() throws {
        let type = try #require(DomainName(text: "_duplex._tcp.local"))
        let instance = try type.prepending("Anna’s Mac")
        let host = try #require(DomainName(text: "anna.local"))
        let message = DNSMessage(
            isResponse: true,
            answers: [
                DNSRecord(name: type, timeToLive: 4500, data: .pointer(instance)),
                DNSRecord(
                    name: instance, timeToLive: 120, cacheFlush: true,
                    data: .service(ServiceLocation(priority: 1, weight: 2, port: 6881, target: host))),
                DNSRecord(name: instance, timeToLive: 4500, cacheFlush: true, data: .text(TextRecord(["a": "b"]))),
            ],
            additionals: [
                DNSRecord(name: host, timeToLive: 120, cacheFlush: true, data: .a(0xC000_0201)),
                DNSRecord(name: host, timeToLive: 120, cacheFlush: true, data: .aaaa(high: 0xFE80 << 48, low: 1)),
                DNSRecord(name: host, timeToLive: 120, data: .noneBut(next: host, types: [.a, .aaaa])),
                DNSRecord(name: host, timeToLive: 1, data: .unknown(RecordType(rawValue: 13), [1, 2, 3])),
            ])
        let bytes = try #require(message.encoded())
        #expect(try DNSMessage(decoding: bytes) == message)
        // Each name is written once.
        #expect(
            bytes.count == 12 + (20 + 10 + 15) + (2 + 10 + 6 + 7) + (2 + 10 + 4) + (2 + 14) + (2 + 26)
                + (2 + 10 + 2 + 6) + (2 + 13))
    }

    /// RFC 6762 §6.1: bit 1 of the first byte is A, the fifth bit of the fourth byte AAAA (28).
    @Test func bitmap() throws {
        let host = try #require(DomainName(text: "h.local"))
        let record = DNSRecord(name: host, timeToLive: 1, data: .noneBut(next: host, types: [.a, .aaaa]))
        let bytes = try #require(DNSMessage(isResponse: true, answers: [record]).encoded())
        #expect(Array(bytes.suffix(6)) == [0, 4, 0x40, 0, 0, 8])
    }

    /// python-zeroconf 0.47.3 answering, as captured: its NSEC record has a bitmap that is none.
    @Test func brokenBitmapCostsNothingElse() throws {
        let message = try DNSMessage(
            decoding: hex(
                "000084000000000100000004075f6475706c6578045f746370056c6f63616c00000c00010000119400070453616d65c00c"
                    + "c02a00108001000011940004036b3d76c02a0021800100000078000d0000000022b80473616d65c019"
                    + "c053000180010000007800040a090002c053002f800100001194000ac0530000000400000008"))
        let instance = try #require(DomainName(text: "Same._duplex._tcp.local"))
        let host = try #require(DomainName(text: "same.local"))
        #expect(message.answers.map(\.data) == [.pointer(instance)])
        let location = ServiceLocation(port: 8888, target: host)
        #expect(
            message.additionals.map(\.data) == [
                .text(TextRecord(["k": "v"])), .service(location), .a(0x0A09_0002), .unknown(.nsec, []),
            ])
    }

    @Test func writerKeepsItsLimit() throws {
        let type = try #require(DomainName(text: "_duplex._tcp.local"))
        var writer = DNSWriter(isResponse: true, limit: 512)
        var count = 0
        while writer.add(
            DNSRecord(name: type, timeToLive: 1, data: .pointer(try type.prepending("i\(count)"))), to: .answer)
        {
            count += 1
        }
        let bytes = writer.finished()
        #expect(bytes.count <= 512 && bytes.count > 490)
        #expect(try DNSMessage(decoding: bytes).answers.count == count)
        // What was refused left no names to point to.
        let isTaken = writer.add(DNSQuestion(name: type, type: .ptr))
        #expect(!isTaken)
    }

    @Test func plainTargetsForOthers() throws {
        let host = try #require(DomainName(text: "host.local"))
        let record = DNSRecord(name: host, timeToLive: 1, data: .service(ServiceLocation(port: 1, target: host)))
        var writer = DNSWriter(id: 7, isResponse: true, compressesService: false)
        let isTaken = writer.add(record, to: .answer)
        #expect(isTaken)
        #expect(writer.finished().count == 12 + 12 + 10 + 6 + 12)
    }

    private func hex(_ text: String) -> [UInt8] {
        let digits = text.filter { $0 != " " }
        return stride(from: 0, to: digits.count, by: 2).compactMap { at in
            let start = digits.index(digits.startIndex, offsetBy: at)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }
}
