import NIOCore
import NIOPosix
import PeerWire
import Testing

@testable import Host

@Suite("Hosts that others tell of", .timeLimit(.minutes(1)))
struct HostDirectoryTests {
    private typealias Instant = ContinuousClock.Instant

    private static func computer(_ number: Int, port: UInt16 = 1) -> PeerAddress {
        PeerAddress(ipv4: 0x0A00_0000 + UInt32(number), port: port)
    }

    @Test("A host that tells of many has a few asked at once and a few a minute")
    func rate() {
        var told = ToldAddresses()
        let start = Instant.now
        func asked(_ computers: Range<Int>, by teller: String, after seconds: Int) -> Int {
            computers.count { told.mayAsk(Self.computer($0), toldBy: teller, now: start + .seconds(seconds)) }
        }
        #expect(asked(0..<1000, by: "a", after: 0) == 16)
        #expect(asked(1000..<2000, by: "a", after: 60) == 6)
        // However many tell.
        #expect(asked(2000..<3000, by: "b", after: 60) == 16)
        let others = (0..<100).reduce(0) { $0 + asked(3000 + $1 * 10..<3010 + $1 * 10, by: "c\($1)", after: 60) }
        // Of the first 16 a third is still counted.
        #expect(others == 6)
        #expect(asked(5000..<6000, by: "d", after: 120) == 12)
    }

    @Test("Nobody is asked again soon, nor at many ports, unless a host was there")
    func rest() {
        var told = ToldAddresses()
        let start = Instant.now
        func mayAsk(_ address: PeerAddress, by teller: String, after seconds: Int) -> Bool {
            told.mayAsk(address, toldBy: teller, now: start + .seconds(seconds))
        }
        let address = Self.computer(1)
        #expect(mayAsk(address, by: "a", after: 0))
        for teller in ["a", "b"] { #expect(!mayAsk(address, by: teller, after: 3599)) }
        #expect(mayAsk(address, by: "b", after: 3601))
        told.answered(address)
        #expect(mayAsk(address, by: "b", after: 3602))
        let ports = (2..<100).count { mayAsk(Self.computer(1, port: $0), by: "c", after: 4000) }
        #expect(ports == ToldAddresses.maximumPorts - 1)
        #expect(mayAsk(Self.computer(2), by: "c", after: 4000))
    }

    private func directory(
        _ host: DuplexHost, maximumRows: Int = 1000, isNear: @escaping @Sendable (PeerAddress) -> Bool
    ) async -> HostDirectory {
        let directory = HostDirectory(
            ownKey: "", eventLoop: NIOSingletons.posixEventLoopGroup.next(), hub: EventHub(), maximumRows: maximumRows,
            isNear: isNear)
        await directory.start(suspect: { _ in }, heard: { _, _ in }, ownAddresses: { [] }, isVisible: false)
        return directory
    }

    @Test("Only what is in this computer's own network is asked")
    func near() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        var document = HostDocumentTests.document()
        document.hosts = ["192.0.2.1:80", "198.51.100.1:80", "[2001:db8::1]:80", "255.255.255.255:80", "0.1.2.3:80"]
        fake.set("host", 200, JSON.encode(document))
        let directory = await directory(host) { $0.ipText == "192.0.2.1" }
        await directory.given(host.listenAddresses[0])
        _ = try await eventually { await directory.known.count > 1 ? true : nil }
        #expect(await directory.known.values.flatMap(\.addresses).map(\.description).sorted().last == "192.0.2.1:80")
        #expect(await directory.known.count == 2)
        await directory.stop()
        await host.stop()
    }

    @Test("The lists of all hosts together are bounded, and each host keeps some of its own")
    func rows() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        let document = HostDocumentTests.document(shares: (0..<80).map { HostDocumentTests.share("s\($0)") })
        fake.set("host", 200, JSON.encode(document))
        let directory = await directory(host, maximumRows: 100) { _ in false }
        for name in ["a", "b", "c"] { await directory.found(instance: name, addresses: host.listenAddresses) }
        let rows = try await eventually {
            let documents = await directory.known.values.compactMap(\.document)
            return documents.count == 3 ? documents.map(\.rowCount) : nil
        }
        #expect(rows.sorted() == [32, 32, 80])
        await directory.stop()
        await host.stop()
    }

    @Test("Whoever claims the key of another, or its name as well, does not take its place")
    func claims() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        let (liar, other) = try await Scratch().fake()
        fake.offer("a", claiming: 1, nil, nil)
        var claim = HostDocumentTests.document()
        for (name, rows) in [("liar", ["aaa", "fake"]), ("fake", ["fake"])] {
            (claim.name, claim.key) = (name, fake.identity.hexadecimal)
            liar.set("host", 200, JSON.encode(claim))
            let directory = await directory(host) { _ in false }
            await directory.found(instance: "aaa", addresses: other.listenAddresses)
            await directory.found(instance: "fake", addresses: host.listenAddresses)
            _ = try await eventually {
                await directory.known.values.allSatisfy { $0.document != nil } ? true : nil
            }
            #expect(await directory.list().map(\.name) == rows)
            guard case .found(_, _, let address) = await directory.lookup("fake") else {
                Issue.record("it is not found")
                continue
            }
            #expect(address == host.listenAddresses[0])
            await directory.stop()
        }
        await host.stop()
        await other.stop()
    }

    @Test("Hosts that do not answer are asked last, and who has waited longest first")
    func turns() {
        let now = Instant.now
        func known(_ seconds: Int, failures: Int = 0, isPolling: Bool = false) -> HostDirectory.Known {
            HostDirectory.Known(
                source: .mdns, addresses: [], heard: now, failures: failures, nextPoll: now + .seconds(seconds),
                isPolling: isPolling)
        }
        let due = HostDirectory.due(
            [
                "silent": known(-100, failures: 1), "new": known(0), "late": known(-5), "next": known(1),
                "asked": known(-50, isPolling: true), "dead": known(-200, failures: 9),
            ], at: now)
        #expect(due == ["late", "new", "dead", "silent"])
    }

    @Test("What discovery found is not known any more when discovery has ended")
    func discoveryEnds() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        fake.set("host", 200, JSON.encode(HostDocumentTests.document()))
        let directory = await directory(host) { _ in false }
        await directory.found(instance: "a", addresses: [Self.computer(1)])
        #expect(await directory.list().map(\.name) == ["a"])
        await directory.forgetDiscovered()
        #expect(await directory.list().isEmpty)
        await directory.given(host.listenAddresses[0])
        _ = try await eventually { await directory.list().first }
        await directory.forgetDiscovered()
        #expect(await directory.list().map(\.name) == ["anna"])
        await directory.stop()
        await host.stop()
    }
}
