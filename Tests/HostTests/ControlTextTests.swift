import Testing

@testable import Host

@Suite("Targets of requests")
struct RequestTargetTests {
    @Test("Path and query are decoded")
    func decoded() throws {
        let target = try #require(RequestTarget("/hosts/anna%20b/entries?share=a%2Fb&path=c/d&path=e&flag&=x&a=b=c"))
        #expect(target.path == ["hosts", "anna b", "entries"])
        #expect(target.query == ["share": "a/b", "path": "c/d", "flag": "", "": "x", "a": "b=c"])
        #expect(RequestTarget("/")?.path == [])
        #expect(RequestTarget("//a//b/")?.path == ["a", "b"])
        #expect(RequestTarget("/a?")?.query == [:])
        #expect(RequestTarget("/a?b?c=d")?.query == ["b?c": "d"])
        #expect(RequestTarget("/%E2%98%83")?.path == ["☃"])
        // Decoded once and not again.
        #expect(RequestTarget("/%252e%252e")?.path == ["%2e%2e"])
        #expect(RequestTarget("/...")?.path == ["..."])
    }

    @Test(
        "What no client of ours sends is refused",
        arguments: [
            "", "a", "*", "http://x/shares", "?a=b", "/.", "/..", "/a/../b", "/%2e%2E/a", "/a/%2e", "/%", "/%4", "/%zz",
            "/%ff", "/a?b=%", "/a?%c3=b", "/%C0%AE%C0%AE", "/" + String(repeating: "a", count: 16_384),
        ])
    func refused(_ text: String) {
        #expect(RequestTarget(text) == nil)
    }
}

@Suite("Events as text")
struct EventTextTests {
    static let transfer = TransferModel(
        id: "1", kind: .fetch, name: "a\nb", phase: .fetching, message: nil, done: 1, total: 2, down: 3, up: 4,
        downloaded: 5, uploaded: 6, peers: 7, webSeeds: 0, clients: 8,
        partners: [PartnerModel(address: "[::1]:1", protocol: .peer, downloaded: 1, uploaded: 2)], directory: "/to",
        host: "h",
        share: "s", follow: true, version: .max)
    static let share = ShareModel(
        name: "data: x\n\nevent: y", path: "/a", scope: .public, bytes: 1, files: 2, version: 3, state: .offered,
        inbox: true)
    static let totals = RoleTotals(rate: 1, bytes: 2, transfers: 3, partners: 4)
    static let status = StatusModel(
        name: "h", key: "k", version: "v", listen: ["a"], roles: [.client, .server], uptime: 1, asClient: totals,
        asServer: totals, shares: 1, hosts: 2, transfers: [transfer], truncated: false, troubles: ["t"])
    static let all: [HostEvent] = [
        .share(share), .shareRemoved(name: "ä\r\n"), .transfer(transfer), .transferRemoved(id: "1"),
        .transferDone(
            TransferDone(
                id: "1", path: "/p", bytes: 1, seconds: 0.5, downloaded: 1, version: 2,
                kept: [KeptFile(path: "/a", keptAs: "/b")])),
        .notice(NoticeModel(transfer: "1", share: nil, message: "m\u{2028}")),
        .hostFound(
            HostModel(
                name: "h", addresses: ["a"], roles: [.dedicated], shares: ["s"], load: 0.5, seen: 1, key: "k",
                source: "mdns", message: nil)),
        .hostGone(name: "h"), .status(status),
    ]

    @Test("Every event is read as it was written, in pieces of any size", arguments: [1, 2, 7, 100_000])
    func roundTrip(_ size: Int) {
        let bytes = Array(": duplex\n\n".utf8) + Self.all.flatMap(EventText.bytes) + Array(":\n\n".utf8)
        var parser = EventParser()
        var events: [HostEvent] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += parser.take(bytes[start..<min(bytes.count, start + size)])
        }
        #expect(events == Self.all)
    }

    @Test("What is no event of ours is passed over, and the next one is read")
    func unknown() {
        var parser = EventParser()
        for text in [
            "\n", "event: share\n\n", "event: share\ndata: {}\n\n", "event: share\ndata: []\n\n", "data: {}\n\n",
            "event: other\ndata: {}\n\n", "event: hostGone\ndata: {\"name\":1}\n\n", "event: hostGone\ndata: {}\n\n",
            "nonsense\n\u{0}\n\n", "event: status\ndata: \u{FFFD}\n\n", "id: 1\nretry: 5\n\n",
            "event: hostGone\ndata: {\"name\":1e999}\n\n",
            "event: share\ndata: " + String(repeating: "[", count: 100_000) + "\n\n",
        ] {
            #expect(parser.take(text.utf8).isEmpty, "\(text.prefix(40))")
        }
        #expect(parser.take("event: hostGone\ndata: {\"name\":\ndata: \"h\"}\n\n".utf8) == [.hostGone(name: "h")])
    }

    @Test("Who does not read misses the oldest, and who listens late is told of the end")
    func hub() async {
        let hub = EventHub()
        let slow = hub.listen()
        #expect(hub.hasListeners)
        for number in 0..<10_000 { hub.publish(.hostGone(name: "\(number)")) }
        hub.close()
        var heard: [HostEvent] = []
        for await event in slow { heard.append(event) }
        #expect(heard.count < 10_000)
        #expect(heard.last == .hostGone(name: "9999"))
        for await event in hub.listen() { Issue.record("\(event)") }
        #expect(!hub.hasListeners)
    }

    @Test("A stream for a client is bounded too, ends with the hub, and leaves it when nobody reads")
    func stream() async throws {
        let hub = EventHub()
        let stream = EventText.stream(hub)
        for number in 0..<20_000 {
            hub.publish(.hostGone(name: "\(number)"))
            if number % 100 == 0 { await Task.yield() }
        }
        hub.close()
        try await Task.sleep(for: .milliseconds(50))
        var parts = 0
        for await _ in stream { parts += 1 }
        #expect(parts <= 4096 + 300)
        let other = EventHub()
        do {
            let task = Task { for await _ in EventText.stream(other) {} }
            while !other.hasListeners { await Task.yield() }
            task.cancel()
            await task.value
        }
        while other.hasListeners { try await Task.sleep(for: .milliseconds(5)) }
    }
}
