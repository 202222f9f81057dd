import DiscoveryWire
import PeerWire
import Testing

@testable import DiscoveryEngine

/// Finding and losing services.
@Suite struct BrowsingTests {
    @Test(arguments: 0..<20) func twoHostsFindEachOtherSoon(seed: UInt64) throws {
        let link = VirtualLink()
        let hosts = (1...2).map {
            link.add("host\($0)", number: $0, seed: seed * 2 + UInt64($0), families: [.ipv4, .ipv6])
        }
        for host in hosts {
            link.offer(host, "Instance of \(host.name)")
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(5))
        for (host, other) in zip(hosts, hosts.reversed()) {
            #expect(host.told.count == 1)
            let service = try #require(host.found.first)
            #expect(service.instance == "Instance of \(other.name)")
            #expect(service.type == "_duplex._tcp")
            #expect(service.hostName == "\(other.name).local")
            #expect(service.txt.text("v") == "1")
            let number = other === hosts[0] ? 1 : 2
            #expect(service.addresses.map(\.description) == ["10.0.0.\(number):6881", "[fe80::\(number)%eth0]:6881"])
            #expect(try #require(host.events.first).at < .milliseconds(1200))
        }
    }

    @Test func lateBrowserFindsByAsking() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        link.run(for: .seconds(60))
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(5))
        #expect(browser.found.count == 1)
        #expect(try #require(browser.events.first).at - .seconds(60) < .milliseconds(260))
    }

    @Test func goodbyeIsHeardWithinTwoSeconds() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(10))
        link.hand(.stop, to: host)
        #expect(host.engine.deadline == nil)
        link.run(for: .seconds(2))
        #expect(browser.told.last == .lost(instance: "Host", type: "_duplex._tcp"))
        #expect(browser.told.count == 2)
    }

    @Test func killedHostIsLostWhenItsRecordsExpire() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(600))
        #expect(browser.told.count == 1)
        host.isAlive = false
        let before = link.sent.count
        link.run(for: .seconds(125))
        #expect(browser.told.last == .lost(instance: "Host", type: "_duplex._tcp"))
        // Asked four times before.
        let questions = link.sent[before...].filter { $0.message?.questions.contains { $0.type == .srv } ?? false }
        #expect(questions.count >= 4 && questions.count <= 12)
    }

    @Test func suspectIsLostInTenSeconds() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(20))
        link.hand(.reconfirm(instance: "Host", type: "_duplex._tcp"), to: browser)
        link.run(for: .seconds(30))
        #expect(browser.told.count == 1)
        host.isAlive = false
        link.hand(.reconfirm(instance: "Host", type: "_duplex._tcp"), to: browser)
        link.run(for: .milliseconds(10_500))
        #expect(browser.told.last == .lost(instance: "Host", type: "_duplex._tcp"))
    }

    @Test func changesAreTold() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
        link.run(for: .seconds(10))
        link.offer(host, txt: TextRecord(["v": "2"]))
        link.run(for: .seconds(3))
        link.offer(host, port: 7000, txt: TextRecord(["v": "2"]))
        link.run(for: .seconds(3))
        host.interfaces[0] = VirtualLink.interface(0, number: 77)
        link.hand(.interfaces(Array(host.interfaces.values)), to: host)
        link.run(for: .seconds(3))
        guard case .changed(let last) = browser.told.last else { Issue.record("no change"); return }
        #expect(last.txt.text("v") == "2")
        #expect(last.port == 7000)
        #expect(last.addresses.map(\.description) == ["10.0.0.77:7000"])
        #expect(!browser.told.contains(.lost(instance: "Host", type: "_duplex._tcp")))
        #expect(host.engine.hostName == "alpha.local")
    }

    @Test func removedServiceIsLostAndOtherStays() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        let services = ["_duplex._tcp", "_http._tcp"].map { ServiceRegistration(instance: "X", type: $0, port: 80) }
        link.hand(.services(services), to: host)
        let browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp", "_http._tcp"]), to: browser)
        link.run(for: .seconds(5))
        #expect(Set(browser.found.map(\.type)) == ["_duplex._tcp", "_http._tcp"])
        link.hand(.services([services[0]]), to: host)
        link.run(for: .seconds(5))
        #expect(browser.told.last == .lost(instance: "X", type: "_http._tcp"))
        #expect(browser.told.count == 3)
    }

    @Test func lostDatagramsAreMadeUpFor() {
        let link = VirtualLink()
        var generator = SeededGenerator(seed: 5)
        link.loses = { _ in Int.random(in: 0..<10, using: &generator) < 4 }
        let hosts = (1...6).map { link.add("host\($0)", number: $0) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(60))
        for host in hosts { #expect(host.found.count >= 5) }
    }

    @Test func manyHostsStayQuiet() {
        let link = VirtualLink()
        let hosts = (1...20).map { link.add("host\($0)", number: $0) }
        for host in hosts {
            link.offer(host, host.name)
            link.hand(.browse(["_duplex._tcp"]), to: host)
        }
        link.run(for: .seconds(60))
        for host in hosts { #expect(host.told.count == 19) }
        let before = link.sent.count
        link.run(for: .seconds(600))
        for host in hosts { #expect(host.told.count == 19) }
        // A few datagrams a second for twenty hosts that all know each other.
        #expect(link.sent.count - before < 2000)
    }
}
