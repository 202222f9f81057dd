import Metainfo
import PeerWire
import Storage
import Testing
import Transport

@testable import Host

@Suite("Pages of a host", .timeLimit(.minutes(1)))
struct WebTests {
    @Test("Where browsers are answered is read from a setting")
    func preferences() throws {
        #expect(try WebPreference(parsing: "off") == .off)
        #expect(try WebPreference(parsing: "on") == .automatic)
        #expect(try WebPreference(parsing: "127.0.0.1:80") == .address(host: "127.0.0.1", port: 80))
        #expect(throws: ListenPreference.ParsingError.self) { try WebPreference(parsing: "http") }
        #expect(!WebPreference.address(host: "0.0.0.0", port: 1).isForOwner)
        #expect(WebPreference.address(host: "127.0.0.1", port: 1).isForOwner)
        // A host that stays at one address does so with its pages.
        let given = WebPreference.automatic.candidates(listen: .address(host: "127.0.0.1", port: 5))
        #expect(given.map(\.host) == ["127.0.0.1", "127.0.0.1"] && given.map(\.port) == [WebPreference.usualPort, 0])
    }

    @Test("The port of the last run is tried when the usual one is taken")
    func earlierPort() {
        let candidates = WebPreference.automatic.candidates(
            listen: .address(host: "127.0.0.1", port: 5), earlier: 4321)
        #expect(candidates.map(\.port) == [WebPreference.usualPort, 4321, 0])
        let given = WebPreference.address(host: "127.0.0.1", port: 80)
        #expect(given.candidates(listen: .automatic, earlier: 4321).map(\.port) == [80])
    }

    @Test("A host is a server for some seconds after its last byte")
    func roles() {
        let start = ContinuousClock.now
        var memory = RoleMemory()
        memory.note(uploaded: 0, at: start)
        #expect(!memory.isServer(at: start))
        memory.note(uploaded: 5, at: start)
        memory.note(uploaded: 5, at: start + .seconds(4))
        #expect(memory.isServer(at: start + .seconds(4)))
        #expect(!memory.isServer(at: start + .seconds(11)))
        memory.note(uploaded: 6, at: start + .seconds(12))
        #expect(memory.isServer(at: start + .seconds(13)))
    }

    @Test(
        "An address that came with a request is only taken if it is one",
        arguments: [
            ("anna.local:80", true), ("[fe80::1]:5", true), ("x/../y", false), ("a\"b", false), ("", false),
            ("a@b", false),
        ])
    func authorities(_ text: String, _ isGood: Bool) {
        #expect(WebOrigin.isAuthority(text) == isGood)
    }

    @Test("The metrics are in the form of Prometheus, each name once")
    func metrics() {
        let names = Metric.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in Metric.all {
            #expect(!metric.title.isEmpty && !metric.title.contains("_"))
            #expect(metric.name.hasPrefix("duplex_"))
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
        }
    }

    @Test("The owner's page asks for its token, and for requests that are addressed to it")
    func owner() async throws {
        let scratch = try Scratch()
        let state = try StateDirectory(path: scratch.path + "/state")
        let service = try await HostService.start(
            HostSettings(name: "a", listen: .address(host: "127.0.0.1", port: 0), discovery: false), state: state,
            isLasting: false)
        let token = try OwnerToken.load(state)
        #expect(try OwnerToken.load(state).text == token.text && token.text.utf8.count == 64)
        let page = OwnerService(ControlAPI(service), token: token)
        page.listens(at: 80)
        func status(_ target: String, _ headers: [(String, String)], method: String = "GET") async -> Int {
            await page.answer(HTTPRequest(method: method, target: target, headers: headers.map { ($0.0, $0.1) })).status
        }
        let here = ("host", "127.0.0.1:80")
        let bearer = ("authorization", "Bearer \(token.text)")
        let cookie = ("cookie", "a=b; duplex-80=\(token.text)")
        #expect(await status("/", [here]) == 401)
        #expect(await status("/?token=\(token.text)", [here]) == 303)
        #expect(await status("/?token=\(token.text.dropLast())0x", [here]) == 401)
        // From the file of `duplex open`: a page that leads on, since the cookie would not follow a redirect there.
        let byFile = [here, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]
        #expect(await status("/?token=\(token.text)", byFile) == 200)
        #expect(await status("/?token=0", byFile) == 401)
        #expect(await status("/", byFile) == 401)
        let opener = try #require(token.opener(of: "http://127.0.0.1:80"))
        let target = token.address(of: "http://127.0.0.1:80")
        #expect(String(decoding: opener, as: UTF8.self).contains("0; url=\(target)\""))
        #expect(try state.writeOpener([1]) == state.writeOpener(opener))
        #expect(scratch.mode("state/open.html") & 0o777 == 0o600 && scratch.read("state/open.html") == opener)
        state.removeOpener()
        #expect(scratch.mode("state/open.html") == 0)
        #expect(await status("/", [here, cookie]) == 200)
        #expect(await status("/api/status", [here, cookie]) == 200)
        #expect(await status("/api/status", [here, bearer]) == 200)
        #expect(await status("/api/openapi.json", [here, bearer]) == 200)
        #expect(await status("/api/status", [here]) == 401)
        #expect(await status("/api/status", [here, ("authorization", "Bearer 0")]) == 401)
        // DNS that was made to lead here, and posts from other sites.
        #expect(await status("/api/status", [("host", "evil.example:80"), cookie]) == 403)
        #expect(await status("/api/status", [cookie]) == 403)
        let foreign = ("origin", "http://evil.example")
        #expect(await status("/api/shares", [here, cookie, foreign], method: "POST") == 403)
        #expect(await status("/api/shares", [here, cookie, ("origin", "null")], method: "POST") == 403)
        #expect(await status("/api/shares", [here, cookie, ("sec-fetch-site", "cross-site")], method: "POST") == 403)
        #expect(await status("/api/shares", [here, cookie, ("origin", "http://127.0.0.1:80")], method: "POST") == 400)
        await service.stop()
    }

    @Test("A file is opened through no link, and only as it was promised")
    func files() throws {
        let scratch = try Scratch()
        try scratch.write("share/a/file", count: 1000)
        try scratch.folder("share/b")
        let directory = scratch.path + "/share"
        let stamp = try #require(FileStamp(path: directory + "/a/file"))
        let file = try SharedFile(directory: directory, components: ["a", "file"], stamp: stamp)
        #expect(try file.read(10..<20).count == 10)
        #expect(throws: StorageError.self) {
            try SharedFile(directory: directory, components: ["b", "..", "a", "file"], stamp: stamp)
        }
        try scratch.write("share/a/file", count: 1001, seed: 2)
        #expect(!file.isUnchanged)
        #expect(throws: StorageError.self) { try file.read(10..<20) }
        #expect(throws: StorageError.self) {
            try SharedFile(directory: directory, components: ["a", "file"], stamp: stamp)
        }
    }
}
