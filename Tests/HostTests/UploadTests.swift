import Metainfo
import NIOCore
import PeerWire
import Storage
import Testing
import WebWire

@testable import Host
@testable import Transport

/// An inbox whose uploads are kept by a keeper, with the pages over it.
private struct InboxFixture {
    let scratch: Scratch
    let inbox: Inbox
    let state: StateDirectory
    let sender = UploadSender(.network(PeerAddress(ipv4: 0x0102_0304, port: 1)))

    init() throws {
        scratch = try Scratch()
        inbox = Inbox(shareID: "1", name: "box", path: try scratch.folder("box"))
        state = try StateDirectory(path: scratch.path + "/state")
    }

    func keeper(_ change: (inout UploadLimits) -> Void = { _ in }) async throws -> UploadKeeper {
        let keeper = try UploadKeeper(pool: DiskPool(workers: 2), state: state)
        var limits = UploadLimits()
        limits.reserve = 0
        change(&limits)
        await keeper.start(limits: limits, arrived: { _ in }, complain: { _, _ in })
        await keeper.restore([inbox])
        return keeper
    }

    func begin(
        _ keeper: UploadKeeper, _ name: String = "a", length: Int64? = 6, isResumable: Bool = true
    ) async throws -> String {
        try await keeper.begin(in: inbox, at: [name], length: length, from: sender, isResumable: isResumable)
    }

    func pages(_ keeper: UploadKeeper) -> WebService {
        let pages = WebService(pool: DiskPool(workers: 2), peerPort: 1, uploads: keeper, status: { nil })
        pages.publish(hostName: "h", offers: [:], inboxes: [inbox], neighbours: [])
        return pages
    }
}

private func body(_ text: String, isComplete: Bool = true) -> HTTPBodyStream {
    HTTPBodyStream(text.isEmpty ? [] : [ByteBuffer(string: text)], isComplete: isComplete)
}

@Suite("Uploads that are kept", .timeLimit(.minutes(1)))
struct UploadKeeperTests {
    @Test("One goes on over a lost connection and a restart; a wrong offset says the right one")
    func resumes() async throws {
        let fixture = try InboxFixture()
        let first = try await fixture.keeper()
        let id = try await fixture.begin(first)
        await #expect(throws: HTTPBodyError.closed) {
            try await first.receive(body("abc", isComplete: false), at: 0, of: id)
        }
        #expect(try await first.state(of: id).offset == 3)
        await #expect(throws: UploadError.wrongOffset(3)) { try await first.receive(body("x"), at: 0, of: id) }
        let second = try await fixture.keeper()
        #expect(try await second.state(of: id).offset == 3)
        await #expect(throws: UploadError.tooLong) { try await second.receive(body("defg"), at: 3, of: id) }
        try await second.receive(body("def"), at: 3, of: id)
        #expect(try await second.finish(id) == ["a"])
        #expect(fixture.scratch.read("box/a") == Array("abcdef".utf8))
        #expect(try await second.state(of: id).place?.path == ["a"])
        #expect(fixture.scratch.list("box") == ["a"])
        // It is over, also for the next run.
        await #expect(throws: UploadError.unknown) { try await fixture.keeper().state(of: id) }
    }

    @Test("What is written behind the last safe byte does not count after a restart")
    func power() async throws {
        let fixture = try InboxFixture()
        let first = try await fixture.keeper()
        let id = try await fixture.begin(first)
        try await first.receive(body("abc"), at: 0, of: id)
        try await first.append([ByteBuffer(string: "de")], to: id)
        let second = try await fixture.keeper()
        #expect(try await second.state(of: id).offset == 3)
        try await second.cancel(id)
        await #expect(throws: UploadError.unknown) { try await second.cancel(id) }
    }

    @Test("Limits of size, of number and of the disk")
    func limits() async throws {
        let fixture = try InboxFixture()
        let keeper = try await fixture.keeper { limits in
            limits.file = 10
            (limits.unfinishedOfSender, limits.requestsOfSender, limits.requests) = (2, 1, 2)
        }
        await #expect(throws: UploadError.tooLarge(10)) { try await fixture.begin(keeper, length: 11) }
        let open = try await fixture.begin(keeper, length: nil, isResumable: false)
        await #expect(throws: UploadError.tooLarge(10)) {
            try await keeper.append([ByteBuffer(repeating: 0, count: 11)], to: open)
        }
        let resting = try await fixture.begin(keeper)
        // The third makes the one that rests go, not the one that is being received.
        _ = try await fixture.begin(keeper)
        await #expect(throws: UploadError.unknown) { try await keeper.state(of: resting) }
        await keeper.abandon(open)
        await #expect(throws: UploadError.badName("files like this are not shared (not finished)")) {
            try await fixture.begin(keeper, "a.part")
        }
        try await keeper.enter(fixture.sender)
        await #expect(throws: UploadError.tooMany) { try await keeper.enter(fixture.sender) }
        let others = (2...3).map { UploadSender(.network(PeerAddress(ipv4: $0, port: 1))) }
        try await keeper.enter(others[0])
        await #expect(throws: UploadError.busy) { try await keeper.enter(others[1]) }
        await keeper.leave(fixture.sender)
        try await keeper.enter(others[1])
        await keeper.use(UploadLimits(reserve: .max / 2))
        await #expect(throws: UploadError.diskFull) { try await fixture.begin(keeper) }
        var full = UploadLimits(reserve: 0)
        full.filesOfInbox = 0
        await keeper.use(full)
        await #expect(throws: UploadError.inboxFull) { try await fixture.begin(keeper) }
    }

    @Test("Who goes on in another request is believed; the earlier one ends")
    func takesOver() async throws {
        let fixture = try InboxFixture()
        let keeper = try await fixture.keeper()
        let id = try await fixture.begin(keeper)
        let stuck = HTTPBodyStream(expectsContinue: false) { _ in }
        let earlier = Task { try await keeper.receive(stuck, at: 0, of: id) }
        while await keeper.uploads[id]?.body == nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await keeper.state(of: id).offset == 0)
        await #expect(throws: HTTPBodyError.replaced) { try await earlier.value }
        try await keeper.receive(body("abcdef"), at: 0, of: id)
        async let one = try? keeper.finish(id)
        async let other = try? keeper.finish(id)
        let ends = await [one, other].compactMap(\.self)
        #expect(ends == [["a"]])
    }

    @Test("What belongs to a share that is no inbox any more is given up, and so is what rests too long")
    func sweeps() async throws {
        let fixture = try InboxFixture()
        let keeper = try await fixture.keeper { $0.restingTime = -1 }
        let id = try await fixture.begin(keeper)
        await keeper.sweep([fixture.inbox])
        await #expect(throws: UploadError.unknown) { try await keeper.state(of: id) }
        let other = try await fixture.keeper()
        let second = try await fixture.begin(other)
        await other.sweep([])
        await #expect(throws: UploadError.unknown) { try await other.state(of: second) }
        _ = try await eventually { fixture.scratch.list("box").isEmpty ? true : nil }
    }

    @Test("Addresses of one IPv6 network are one sender")
    func senders() {
        func sender(_ text: String) -> UploadSender? { PeerAddress(parsing: text).map { UploadSender(.network($0)) } }
        #expect(sender("[2001:db8::1]:1") == sender("[2001:db8::2]:2"))
        #expect(sender("[2001:db8::1]:1") != sender("[2001:db8:0:1::1]:1"))
        #expect(sender("1.2.3.4:1") == sender("1.2.3.4:2") && sender("1.2.3.4:1") != sender("1.2.3.5:1"))
    }
}

@Suite("Uploads by HTTP", .timeLimit(.minutes(1)))
struct UploadAnswerTests {
    @Test("Posts from pages of others are refused, programs say nothing of where they come from")
    func origins() {
        func isForeign(_ headers: (String, String)...) -> Bool {
            HTTPRequest(method: "POST", target: "/", headers: [("host", "anna:80")] + headers.map { ($0.0, $0.1) })
                .isFromElsewhere
        }
        #expect(!isForeign())
        #expect(!isForeign(("origin", "http://anna:80"), ("sec-fetch-site", "same-origin")))
        #expect(!isForeign(("origin", "https://anna:80")))
        #expect(isForeign(("origin", "null")) && isForeign(("origin", "http://evil")))
        #expect(isForeign(("origin", "http://anna:80.evil")) && isForeign(("origin", "http://anna")))
        #expect(isForeign(("sec-fetch-site", "cross-site")) && isForeign(("sec-fetch-site", "same-site")))
        #expect(isForeign(("origin", "http://anna:80"), ("origin", "http://evil")))
    }

    @Test("tus: creation, offsets, the end, and what does not fit")
    func tus() async throws {
        let fixture = try InboxFixture()
        let pages = fixture.pages(try await fixture.keeper())
        func ask(
            _ method: String, _ target: String, _ headers: [(String, String)] = [], _ text: String = "",
            version: String = "1.0.0"
        ) async -> HTTPReply {
            let all = [("tus-resumable", version)] + headers
            let request = HTTPRequest(method: method, target: target, headers: all.map { ($0.0, $0.1) })
            return pages.streamsBody(of: request)
                ? await pages.answer(request, body: body(text)) : await pages.answer(request)
        }
        let options = await ask("OPTIONS", "/s/box/")
        #expect(options.status == 204 && options.field("tus-version") == "1.0.0")
        #expect(await ask("POST", "/s/box/", [("upload-length", "6")], version: "0.2").status == 412)
        #expect(await ask("POST", "/s/box/").status == 400)
        #expect(await ask("POST", "/s/box/", [("upload-length", "-1")]).status == 400)
        #expect(await ask("POST", "/s/box/", [("upload-length", "99999999999999999999")]).status == 400)
        #expect(await ask("POST", "/s/none/", [("upload-length", "6")]).status == 404)
        let name = ("upload-metadata", "filename " + Base64.encode(Array("../\u{E4} b.txt".utf8)))
        let created = await ask("POST", "/s/box/", [("upload-length", "6"), name])
        let place = try #require(created.field("location"))
        #expect(created.status == 201 && place.hasPrefix("/-/upload/") && created.field("upload-expires") != nil)
        let type = ("content-type", "application/offset+octet-stream")
        #expect(await ask("PATCH", place, [("upload-offset", "0")], "abc").status == 415)
        #expect(await ask("PATCH", place, [type], "abc").status == 400)
        #expect(await ask("PATCH", place, [type, ("upload-offset", "1")], "abc").status == 409)
        #expect(await ask("PATCH", place, [type, ("upload-offset", "0")], "abc").field("upload-offset") == "3")
        let head = await ask("HEAD", place)
        #expect(head.status == 200 && head.field("upload-offset") == "3" && head.field("upload-length") == "6")
        let end = await ask(
            "POST", place, [type, ("upload-offset", "3"), ("x-http-method-override", "PATCH")], "def")
        #expect(end.status == 204 && end.field("content-location") == "/s/box/%C3%A4%20b.txt")
        #expect(fixture.scratch.read("box/\u{E4} b.txt") == Array("abcdef".utf8))
        // The answer may have been lost.
        #expect(await ask("HEAD", place).field("upload-offset") == "6")
        #expect(await ask("PATCH", place, [type, ("upload-offset", "6")]).status == 204)
        let withBody = await ask("POST", "/s/box/", [("upload-length", "3"), type], "xyz")
        #expect(withBody.status == 201 && withBody.field("content-location") == "/s/box/upload")
        let other = try #require(await ask("POST", "/s/box/", [("upload-length", "6")]).field("location"))
        #expect(await ask("DELETE", other).status == 204)
        #expect(await ask("HEAD", other).status == 404)
        #expect(await ask("HEAD", "/-/upload/" + String(repeating: "0", count: 32)).status == 404)
        #expect(await ask("PATCH", "/-/upload/x", [type, ("upload-offset", "0")]).status == 405)
        // Both are on the page, though nothing is hashed here.
        let page = await pages.answer(HTTPRequest(method: "GET", target: "/s/box/"))
        guard case .bytes(let bytes) = page.body else { return }
        let markup = String(decoding: bytes, as: UTF8.self)
        #expect(markup.contains("\u{E4} b.txt") && markup.contains("just arrived"))
        #expect(page.field("Referrer-Policy") == "same-origin")
    }

    @Test("A name that cannot be used is refused in words, however it is sent")
    func unusableNames() async throws {
        let fixture = try InboxFixture()
        let pages = fixture.pages(try await fixture.keeper())
        func send(_ method: String, _ target: String, accept: String = "*/*") async -> (status: Int, said: String) {
            let request = HTTPRequest(method: method, target: target, headers: [("accept", accept)])
            guard pages.streamsBody(of: request) else { return (0, "") }
            let reply = await pages.answer(request, body: body("abc"))
            guard case .bytes(let bytes) = reply.body else { return (reply.status, "") }
            return (reply.status, String(decoding: bytes, as: UTF8.self))
        }
        let long = String(repeating: "n", count: 256)
        for name in [long, "%2e%2e", "a%5Cb", "a%2Fb", "a%00", "%FF", "a%0Ab"] {
            let (status, said) = await send("PUT", "/s/box/\(name)")
            #expect(status == 422 && said.contains("this name cannot be used"), "\(name): \(said)")
            #expect(!said.contains("<"))
        }
        for path in ["a%zz", "a%2", "/a", "b//a"] {
            let (status, said) = await send("PUT", "/s/box/\(path)")
            #expect(status == 400 && said.hasPrefix("the address has"), "\(path): \(said)")
        }
        #expect(await send("POST", "/s/box/%2e%2e/").status == 422)
        let page = await send("POST", "/s/box/%2e%2e/", accept: "text/html")
        #expect(page.status == 422 && page.said.contains("<html") && page.said.contains("cannot be used"))
        #expect(await send("PUT", "/s/box/good").status == 201)
        #expect(fixture.scratch.list("box") == ["good"])
    }

    @Test("A form of several files; those before one that fails are kept")
    func forms() async throws {
        let fixture = try InboxFixture()
        let pages = fixture.pages(try await fixture.keeper { $0.file = 5 })
        func post(_ files: [(String, String)], isCut: Bool = false, accept: String = "*/*") async -> HTTPReply {
            let text = files.map { name, content in
                "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\(name)\"\r\n\r\n\(content)\r\n"
            }.joined()
            let request = HTTPRequest(
                method: "POST", target: "/s/box/sub/",
                headers: [("content-type", "multipart/form-data; boundary=B"), ("accept", accept)])
            return await pages.answer(request, body: body(text + (isCut ? "" : "--B--\r\n")))
        }
        #expect(await post([("a", "1"), ("b/c", "2"), ("a", "3")]).status == 201)
        #expect(fixture.scratch.list("box/sub") == ["a", "a (2)", "b"])
        #expect(await post([("d", "1"), ("e", "123456"), ("g", "1")]).status == 413)
        #expect(fixture.scratch.read("box/sub/d") != nil && fixture.scratch.read("box/sub/e") == nil)
        #expect(await post([("h", "1")], isCut: true).status == 400)
        #expect(fixture.scratch.read("box/sub/h") == nil)
        let forPeople = await post([("i", "1")], accept: "text/html")
        #expect(forPeople.status == 303 && forPeople.field("location") == "/s/box/sub/?added=1")
        #expect(await post([("i", "123456")], accept: "text/html").status == 413)
        #expect(await post([]).status == 400)
        _ = try await eventually { fixture.scratch.list("box") == ["sub"] ? true : nil }
    }
}

@Suite("Shares that take files", .timeLimit(.minutes(1)))
struct InboxShareTests {
    @Test("An empty one is open; its first file is its first version; it is one after a restart as well")
    func lives() async throws {
        let scratch = try Scratch()
        let path = try scratch.folder("box")
        let first = try await scratch.service("anna")
        var order = ShareOrder(path: path)
        order.inbox = true
        let added = try await first.shares.add(try order.request())
        #expect(added.inbox && added.scope == .public)
        try await first.share("box") { $0.state == .offered && $0.version == 0 && $0.magnet == nil }
        #expect(await first.shares.inboxes.map(\.name) == ["box"])
        try scratch.write("box/a", count: 100)
        let id = try #require(await first.shares.inboxes.first?.shareID)
        await first.shares.arrived(id)
        try await first.share("box") { $0.version == 1 && $0.magnet != nil && $0.message == nil }
        scratch.remove("box/a")
        await first.shares.arrived(id)
        try await first.share("box") { $0.magnet == nil && $0.state == .offered }
        await first.stop()
        let second = try await scratch.service("anna")
        #expect(await second.shares.inboxes.map(\.path) == [path])
        // The same again without it ends that.
        order.inbox = false
        _ = try await second.shares.add(try order.request())
        #expect(await second.shares.inboxes.isEmpty)
        await second.stop()
    }

    @Test("Only a public folder without a torrent of others can be one")
    func refusals() async throws {
        let scratch = try Scratch()
        try scratch.write("file", count: 10)
        let service = try await scratch.service("anna")
        var file = ShareOrder(path: scratch.path + "/file")
        file.inbox = true
        await #expect(throws: ShareError.self) { try await service.shares.add(try file.request()) }
        var linked = ShareOrder(path: try scratch.folder("box"))
        (linked.inbox, linked.scope) = (true, .link)
        await #expect(throws: ShareError.self) { try await service.shares.add(try linked.request()) }
        await service.stop()
    }

    @Test("Records of before are read")
    func oldRecords() throws {
        let old = #"{"id":"1","name":"n","path":"/p","scope":"public","format":"v2","isFixed":false,"version":[]}"#
        #expect(try JSON.decode(ShareEntry.self, from: Array(old.utf8)).isInbox == nil)
    }
}

extension HTTPReply {
    fileprivate func field(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
