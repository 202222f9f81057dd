import Metainfo
import NIOCore
import Storage
import Testing
import Transport

@testable import Host

@Suite("The control API", .timeLimit(.minutes(1)))
struct ControlAPITests {
    @Test("Odd requests are answered with what is wrong, and nothing happens")
    func odd() async throws {
        let scratch = try Scratch()
        let service = try await scratch.service("one", isLasting: false)
        let api = ControlAPI(service)
        let long = String(repeating: "a", count: 20_000)
        for (method, target, status) in [
            ("GET", "", 400), ("GET", "shares", 400), ("GET", "http://localhost/shares", 400), ("GET", "/..", 400),
            ("GET", "/shares/%2e%2e", 400), ("GET", "/shares/%", 400), ("GET", "/\(long)", 400), ("GET", "/", 404),
            ("GET", "/nothing", 404), ("GET", "/shares/a/b", 404), ("GET", "/shares/%00", 404), ("GET", "/Shares", 404),
            ("GET", "/shares/none", 404), ("DELETE", "/shares/none", 404), ("GET", "/transfers/1", 404),
            ("GET", "/transfers/99999999999999999999999", 404), ("DELETE", "/transfers/-1", 404),
            ("POST", "/transfers/1/pause", 404), ("POST", "/transfers/1/resume", 404), ("PUT", "/shares", 405),
            ("HEAD", "/shares", 405), ("", "/shares", 405), ("get", "/shares", 405), ("POST", "/events", 405),
            ("GET", "/transfers/1/pause", 405), ("DELETE", "/hosts/127.0.0.1:1", 404), ("DELETE", "/hosts/x", 404),
        ] {
            let (found, message) = try await ask(api, method, target)
            #expect(found == status, "\(method) \(target.prefix(40))")
            #expect(message?.isEmpty == false, "\(method) \(target.prefix(40))")
        }
        for target in ["/shares", "//shares/", "/shares?x=y", "/transfers", "/hosts", "/settings", "/status"] {
            #expect(try await ask(api, "GET", target).status == 200, "\(target)")
        }
        let refused = await api.answer(HTTPRequest(method: "PUT", target: "/shares"))
        #expect(refused.headers.contains { $0.name == "allow" && $0.value == "GET, POST" })
        await service.stop()
    }

    @Test("Bodies of another shape are refused")
    func bodies() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 10)
        let (service, file) = (try await scratch.service("one", isLasting: false), scratch.path + "/a")
        let api = ControlAPI(service)
        for body in [
            "", "null", "[]", "1", "{}", "{\"path\":1}", "{\"path\":null}", "\u{0}", "{\"path\":\"/\"",
            "{\"path\":\"\(file)\",\"scope\":\"all\"}", "{\"path\":\"\(file)\",\"pieceLength\":1e30}",
            "{\"path\":\"\(file)\",\"pieceLength\":\"1\"}", String(repeating: "[", count: 100_000),
        ] {
            #expect(try await ask(api, "POST", "/shares", body).status == 400, "\(body.prefix(60))")
            #expect(try await ask(api, "POST", "/transfers", body).status == 400, "\(body.prefix(60))")
            #expect(try await ask(api, "POST", "/hosts", body).status == 400, "\(body.prefix(60))")
        }
        for body in [
            "{\"path\":\"a\"}", "{\"path\":\"\"}", "{\"path\":\"\(file)/none\"}", "{\"path\":\"/none/such\"}",
            "{\"path\":\"\(file)\",\"format\":\"v3\"}", "{\"path\":\"\(file)\",\"name\":\"\"}",
            "{\"path\":\"\(file)\",\"name\":\"..\"}", "{\"path\":\"\(file)\",\"name\":\"a/b\"}",
            "{\"path\":\"\(file)\",\"name\":\"a\\u0000b\"}",
            "{\"path\":\"\(file)\",\"name\":\"\(String(repeating: "n", count: 300))\"}",
            "{\"path\":\"\(file)\",\"torrent\":\"?\"}", "{\"path\":\"\(file)\",\"torrent\":\"AAAA\"}",
        ] {
            #expect(try await ask(api, "POST", "/shares", body).status == 422, "\(body.prefix(60))")
        }
        for body in [
            "{\"to\":\"relative\",\"magnet\":\"magnet:?xt=urn:btih:\(String(repeating: "1", count: 40))\"}",
            "{\"to\":\"/tmp\"}", "{\"to\":\"/tmp\",\"host\":\"h\"}", "{\"to\":\"/tmp\",\"magnet\":\"\"}",
            "{\"to\":\"/tmp\",\"magnet\":\"magnet:?xt=urn:btih:zz\"}", "{\"to\":\"/tmp\",\"torrent\":\"AAAA\"}",
            "{\"to\":\"/tmp\",\"torrent\":\"?\"}", "{\"to\":\"/tmp\",\"host\":\"h\",\"share\":\"..\"}",
            "{\"to\":\"/tmp\",\"host\":\"h\",\"share\":\"../../a\"}", "{\"to\":\"/tmp\",\"host\":\"h\",\"share\":\"\"}",
            "{\"to\":\"/tmp\",\"follow\":true,\"magnet\":\"magnet:?xt=urn:btih:\(String(repeating: "1", count: 40))\"}",
            "{\"to\":\"/tmp\",\"peers\":[\"x\"],\"host\":\"h\",\"share\":\"s\"}",
        ] {
            #expect(try await ask(api, "POST", "/transfers", body).status == 422, "\(body.prefix(60))")
        }
        for address in ["", "x", "127.0.0.1", "127.0.0.1:99999", "::1:80", "name:80"] {
            #expect(try await ask(api, "POST", "/hosts", "{\"address\":\"\(address)\"}").status == 422, "\(address)")
        }
        #expect(await service.shares.list().isEmpty)
        #expect(await service.fetches.list([:]).isEmpty)
        await service.stop()
    }

    @Test("A share that cannot be hashed says why and can be ended", arguments: [-1, 0, 1, 16385, Int.max, Int.min])
    func pieceLength(_ length: Int) async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 10)
        let service = try await scratch.service("one", isLasting: false)
        let api = ControlAPI(service)
        let body = "{\"path\":\"\(scratch.path)/a\",\"pieceLength\":\(length)}"
        #expect(try await ask(api, "POST", "/shares", body).status == 201)
        let share = try await service.share("a") { $0.state == .failed }
        #expect(share.message?.isEmpty == false)
        #expect(try await ask(api, "DELETE", "/shares/a").status == 204)
        #expect(try await ask(api, "GET", "/shares/a").status == 404)
        await service.stop()
    }

    @Test("By its socket, as a command uses it")
    func bySocket() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 10)
        let service = try await scratch.service("one")
        let control = try #require(await HostControl.running(with: service.state))
        let events = try await control.events()
        let share = try await control.post(ShareModel.self, "/shares", ShareOrder(path: scratch.path + "/a"))
        #expect(share.name == "a" && share.scope == .link)
        for await event in events {
            if case .share(let share) = event, share.state == .offered { break }
        }
        #expect(try await control.get(ListModel<ShareModel>.self, "/shares").rows.map(\.version) == [1])
        let error = await #expect(throws: ControlError.self) { try await control.delete("/shares/b") }
        #expect(error?.status == 404 && error?.description.contains("'b'") == true)
        try await control.post("/hosts", HostOrder(address: "[0:0::1]:9"))
        try await control.delete("/hosts/" + PercentCoding.encoded("[::1]:9"))
        #expect(try await control.get(StatusModel.self, "/status").shares == 1)
        let remaining = try await control.events()
        await service.stop()
        for await _ in remaining {}
        #expect(await HostControl.running(with: service.state) == nil)
    }

    private func ask(
        _ api: ControlAPI, _ method: String, _ target: String, _ body: String = ""
    ) async throws -> (status: Int, message: String?) {
        let reply = await api.answer(HTTPRequest(method: method, target: target, body: ByteBuffer(string: body)))
        guard case .bytes(let bytes) = reply.body else { return (reply.status, nil) }
        return (reply.status, try? JSON.decode(ErrorModel.self, from: bytes).error)
    }
}
