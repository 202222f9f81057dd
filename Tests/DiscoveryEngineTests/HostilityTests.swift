import DiscoveryWire
import Metainfo
import PeerWire
import Testing

@testable import DiscoveryEngine

/// Floods, nonsense, and computers that sleep.
@Suite struct HostilityTests {
    private let type = "_duplex._tcp.local"

    private func flood(_ number: Int) throws -> [UInt8] {
        let type = try #require(DomainName(text: type))
        let instance = try type.prepending("fake\(number)")
        let host = try #require(DomainName(text: "fake\(number).local"))
        let message = DNSMessage(
            isResponse: true,
            answers: [
                DNSRecord(name: type, timeToLive: 4500, data: .pointer(instance)),
                DNSRecord(name: instance, timeToLive: 120, data: .service(ServiceLocation(port: 1, target: host))),
                DNSRecord(name: instance, timeToLive: 4500, data: .text(TextRecord())),
                DNSRecord(name: host, timeToLive: 120, data: .a(UInt32(number))),
            ])
        return try #require(message.encoded())
    }

    @Test func floodFromOneSenderCostsNobodyElse() throws {
        let link = VirtualLink()
        let old = link.add("old", number: 1)
        link.offer(old, "Old")
        let browser = link.add("browser", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(5))
        for number in 0..<3000 {
            link.inject(try flood(number), from: PeerAddress(ipv4: 0x0A00_0063, port: 5353))
            if number % 100 == 0 { link.run(for: .milliseconds(10)) }
        }
        link.run(for: .seconds(2))
        let new = link.add("new", number: 3)
        link.offer(new, "New")
        link.run(for: .seconds(300))
        let names = browser.found.map(\.instance)
        #expect(names.contains("Old") && names.contains("New"))
        #expect(names.count < 100)
        #expect(!browser.told.contains(.lost(instance: "Old", type: "_duplex._tcp")))
        #expect(!browser.told.contains(.lost(instance: "New", type: "_duplex._tcp")))
    }

    @Test func namesElsewhereAreNotBelieved() throws {
        let link = VirtualLink()
        let browser = link.add("browser", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(5))
        let type = try #require(DomainName(text: type))
        let instance = try type.prepending("x")
        let host = try #require(DomainName(text: "www.example.org"))
        let message = DNSMessage(
            isResponse: true,
            answers: [
                DNSRecord(name: type, timeToLive: 4500, data: .pointer(instance)),
                DNSRecord(name: instance, timeToLive: 120, data: .service(ServiceLocation(port: 1, target: host))),
                DNSRecord(name: instance, timeToLive: 4500, data: .text(TextRecord())),
                DNSRecord(name: host, timeToLive: 120, data: .a(0x0A00_0063)),
            ])
        link.inject(try #require(message.encoded()), from: PeerAddress(ipv4: 0x0A00_0063, port: 5353))
        link.run(for: .seconds(5))
        #expect(browser.told.isEmpty)
        #expect(!link.sent.contains { $0.message?.questions.contains { $0.name == host } ?? false })
    }

    @Test func fullCacheMakesRoomForThoseWithLittle() throws {
        var cache = RecordCache()
        var generator = SeededGenerator(seed: 1)
        let type = try #require(DomainName(text: type))
        func record(_ number: Int) throws -> DNSRecord {
            DNSRecord(name: type, timeToLive: 100, data: .pointer(try type.prepending("i\(number)")))
        }
        for number in 0..<RecordCache.capacity + 100 {
            let sender = PeerAddress(ipv4: UInt32(number / RecordCache.shareOfSender), port: 0)
            _ = cache.insert(
                try record(number), from: .init(sender, .ipv4, generator: &generator), now: .seconds(1))
        }
        #expect(cache.count == RecordCache.capacity)
        let newcomer = RecordCache.Origin(PeerAddress(ipv4: 0xFFFF, port: 0), .ipv4, generator: &generator)
        let isNew = cache.insert(try record(99999), from: newcomer, now: .seconds(1))
        #expect(isNew == true)
        #expect(cache.count == RecordCache.capacity)
        _ = cache.collect(now: .seconds(200))
        #expect(cache.count == 0 && cache.entries.isEmpty && cache.deadline == nil)
    }

    @Test func sleepIsNoticed() {
        let link = VirtualLink()
        let hosts = (1...3).map { link.add("host\($0)", number: $0) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(30))
        hosts[0].isAsleep = true
        link.run(for: .seconds(3600))
        #expect(hosts[1].told.last == .lost(instance: "host1", type: "_duplex._tcp"))
        hosts[2].isAlive = false
        link.run(for: .seconds(60))
        hosts[0].isAsleep = false
        let woke = link.now
        link.run(for: .seconds(20))
        // Found again by the one that stayed, which is found again here; the one that went meanwhile is lost.
        #expect(hosts[1].found.filter { $0.instance == "host1" }.count == 2)
        #expect(hosts[0].told.contains(.lost(instance: "host3", type: "_duplex._tcp")))
        #expect(
            hosts[0].found.last?.instance == "host2"
                || !hosts[0].told.contains(.lost(instance: "host2", type: "_duplex._tcp")))
        #expect(link.sent.contains { $0.host == "host1" && $0.at > woke && !($0.message?.authorities.isEmpty ?? true) })
    }

    @Test func shortSleepLosesNobodyWhoIsThere() {
        let link = VirtualLink()
        let hosts = (1...2).map { link.add("host\($0)", number: $0) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(30))
        hosts[0].isAsleep = true
        link.run(for: .seconds(45))
        hosts[0].isAsleep = false
        link.run(for: .seconds(60))
        #expect(hosts[0].told.count == 1)
        #expect(hosts[1].told.count == 1)
    }

    @Test func cableOutAndIn() {
        let link = VirtualLink()
        let hosts = (1...2).map { link.add("host\($0)", number: $0) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(10))
        let interface = Array(hosts[0].interfaces.values)
        link.hand(.interfaces([]), to: hosts[0])
        #expect(hosts[0].told.last == .lost(instance: "host2", type: "_duplex._tcp"))
        link.run(for: .seconds(20))
        link.hand(.interfaces(interface), to: hosts[0])
        link.run(for: .seconds(3))
        #expect(hosts[0].found.count == 2)
        #expect(hosts[1].found.count >= 1)
    }

    @Test func twoLinksAreOneService() throws {
        let link = VirtualLink()
        let hosts = (1...2).map { link.add("host\($0)", number: $0, links: [0, 1]) }
        link.offer(hosts[0], "Both")
        link.hand(.browse(["_duplex._tcp"]), to: hosts[1])
        link.run(for: .seconds(5))
        let service = try #require(hosts[1].found.first)
        let all = hosts[1].told.compactMap { if case .changed(let service) = $0 { service } else { nil } }
        #expect((all.last ?? service).addresses.map(\.description) == ["10.0.0.1:6881", "10.1.0.1:6881"])
        let one = hosts[0].interfaces.filter { $0.key == 0 }
        hosts[0].interfaces = one
        link.hand(.interfaces(Array(one.values)), to: hosts[0])
        link.run(for: .seconds(130))
        guard case .changed(let left) = hosts[1].told.last else { Issue.record("no change"); return }
        #expect(left.addresses.map(\.description) == ["10.0.0.1:6881"])
    }

    @Test func twoInterfacesOnOneNetworkDoNotDisturbEachOther() throws {
        let link = VirtualLink()
        link.isBridged = true
        let hosts = (1...2).map { link.add("host\($0)", number: $0, links: [0, 1]) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(3))
        let counts = hosts.map(\.events.count)
        link.run(for: .seconds(90))
        #expect(hosts.map(\.events.count) == counts)
        #expect(hosts.map(\.engine.hostName) == ["host1.local", "host2.local"])
        #expect(hosts[0].found.map(\.instance) == ["host2"])
        #expect(hosts[1].found.map(\.instance) == ["host1"])
    }

    @Test(arguments: 0..<4) func nonsenseNeverTraps(seed: UInt64) throws {
        let link = VirtualLink()
        let hosts = (1...2).map {
            link.add("host\($0)", number: $0, seed: seed + UInt64($0), families: [.ipv4, .ipv6])
        }
        var generator = SeededGenerator(seed: seed)
        func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
        for host in hosts {
            link.offer(host, "Name")
            link.hand(.browse(["_duplex._tcp", "_http._tcp"]), to: host)
            link.hand(.announce([try #require(WireInfoHash([UInt8](repeating: 1, count: 20)))], port: 1), to: host)
        }
        link.run(for: .seconds(2))
        let seeds = link.sent
        for _ in 0..<1500 {
            let template = seeds[number(0..<seeds.count)]
            var bytes = template.bytes
            for _ in 0..<number(0..<4) { bytes[number(0..<bytes.count)] = UInt8(number(0..<256)) }
            let source = PeerAddress(ipv4: 0x0A00_0060 + UInt32(number(0..<4)), port: number(0..<5) == 0 ? 999 : 5353)
            link.inject(bytes, from: source, proto: template.proto, isMulticast: number(0..<4) > 0)
            switch number(0..<60) {
            case 0: link.hand(.interfaces([]), to: hosts[0])
            case 1: link.hand(.interfaces(Array(hosts[0].interfaces.values)), to: hosts[0])
            case 2: link.offer(hosts[0], "Name \(number(0..<3))")
            case 3: link.hand(.services([]), to: hosts[0])
            case 4: link.hand(.browse(["_http._tcp"]), to: hosts[0])
            case 5: link.hand(.browse(["_duplex._tcp"]), to: hosts[0])
            case 6: link.hand(.reconfirm(instance: "Name", type: "_duplex._tcp"), to: hosts[1])
            default: break
            }
            link.run(for: .milliseconds(number(0..<400)))
        }
        // Nobody talks without end.
        let before = link.sent.count
        link.run(for: .seconds(600))
        #expect(link.sent.count - before < 2000)
    }
}
