import Metainfo
import PeerWire
import Synchronization
import Testing
import Transport
import WebWire

@testable import Host

@Suite("Asking web servers", .timeLimit(.minutes(1)))
struct WebClientTests {
    @Test("What a server of the internet names is not asked within this network, whatever asks for it")
    func inward() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        fake.set("f", 200, [1])
        let url = try HTTPURL(parsing: "http://\(host.listenAddresses[0])/duplex/f")
        let client = WebClient()
        try client.origin.check(PeerAddress(ipv4: 0xC633_6401, port: 80))
        await #expect(throws: WebTrouble.inward) { try await client.get(url) }
        #expect(fake.asked.withLock { $0.isEmpty })
        // One that is here may name others that are here.
        let own = WebClient()
        for _ in 0..<2 {
            let answer = try await own.get(url)
            #expect(answer.status == 200)
            answer.stream.close()
        }
        await host.stop()
    }
}
