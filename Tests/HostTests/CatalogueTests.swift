import Metainfo
import NIOCore
import Storage
import Testing
import Transport

@testable import Host

@Suite("What a host tells others over HTTP")
struct CatalogueTests {
    let scratch: Scratch
    let catalogue = Catalogue(pool: DiskPool(workers: 1))

    init() throws {
        scratch = try Scratch()
    }

    @Test("Before anything is published it says that it is starting")
    func starting() async {
        #expect(await ask("/duplex/host").status == 503)
    }

    @Test("The document, versions, torrents and folders of what is offered")
    func offered() async throws {
        let created = try await publish()
        let document = try JSON.decode(HostDocument.self, from: bytes(await ask("/duplex/host")))
        #expect(document == HostDocumentTests.document())
        #expect(bytes(await ask("/duplex/shares/My%20Set/version")) == [1, 2, 3])
        for _ in 0..<2 {
            #expect(bytes(await ask("/duplex/shares/My%20Set/torrent")) == created.torrent.encoded())
        }
        #expect(try await list("") == ["sub:folder:300", "Ä b:file:100"])
        #expect(try await list("sub") == ["deep:folder:200", "c:file:100"])
        #expect(try await list("sub/deep/") == ["d:file:200"])
        #expect(try await list("/sub/deep/d") == ["d:file:200"])
        let answer = await ask("/duplex/shares/My%20Set/entries")
        let rows = try JSON.decode(ListModel<EntryModel>.self, from: bytes(answer)).rows
        #expect(rows.allSatisfy { $0.modified?.hasSuffix("Z") == true })
    }

    @Test(
        "Nothing else is there, by whatever path",
        arguments: [
            "/", "", "*", "/duplex", "/duplex/", "/duplex/hosts", "/duplex/shares", "/duplex/shares/My%20Set",
            "/duplex/shares/My%20Set/", "/duplex/shares/My%20Set/file", "/duplex/shares/Other/version",
            "/duplex/shares/My%20Set/version/more", "/duplex/shares//version", "/duplex/host/x", "/Duplex/host",
            "/duplex/../etc/passwd", "/duplex/shares/../../etc/passwd", "/duplex/shares/%2e%2e/torrent",
            "/duplex/shares/..%2f..%2fetc/torrent", "/duplex/shares/My%20Set%00/torrent", "http://x/duplex/host",
            "/duplex/shares/%ff/version", "/shares/My%20Set/version", "/status", "/settings",
        ])
    func elsewhere(_ target: String) async throws {
        try await publish()
        #expect(await ask(target).status == 404, "\(target)")
    }

    @Test(
        "No path leads out of a share",
        arguments: [
            "..", "../..", "sub/..", "sub/../sub", "./sub", "../Set/sub", "/etc", "sub/deep/d/e", "sub%2f..",
            "sub\u{0}",
            "S", "sub/dee", "Sub", "sub\\deep", "~", "*", "..%2f..", ".pad", ".pad/16284",
        ])
    func traversal(_ path: String) async throws {
        try await publish()
        let answer = await ask("/duplex/shares/My%20Set/entries?path=\(PercentCoding.encoded(path))")
        #expect(answer.status == 404, "\(path)")
    }

    @Test("Only GET and HEAD are taken", arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", ""])
    func methods(_ method: String) async throws {
        try await publish()
        let answer = await ask("/duplex/host", method: method)
        #expect(answer.status == 405)
        #expect(answer.headers.contains { $0.name == "allow" && $0.value == "GET, HEAD" })
    }

    @Test("What is no longer offered is no longer there")
    func withdrawn() async throws {
        try await publish()
        #expect(await ask("/duplex/shares/My%20Set/torrent").status == 200)
        catalogue.publish(HostDocumentTests.document(), offers: [:])
        #expect(await ask("/duplex/shares/My%20Set/torrent").status == 404)
    }

    @Test("Of a share that has no files now it says that")
    func missing() async throws {
        try await publish()
        var document = HostDocumentTests.document()
        document.missing = ["My Set"]
        catalogue.publish(document, offers: [:])
        for what in ["version", "torrent", "entries"] {
            #expect(await ask("/duplex/shares/My%20Set/\(what)").status == 503)
            #expect(await ask("/duplex/shares/Other/\(what)").status == 404)
        }
    }

    @Test("A list ends after 2000 rows and says so")
    func truncated() async throws {
        for number in 0..<2003 { try scratch.write("many/\(number)", count: 1) }
        let created = try await scratch.torrent(of: "many", format: .v2)
        catalogue.publish(HostDocumentTests.document(), offers: ["many": offer(created)])
        let answer = await ask("/duplex/shares/many/entries")
        let list = try JSON.decode(ListModel<EntryModel>.self, from: bytes(answer))
        #expect(list.rows.count == 2000 && list.truncated)
    }

    @Test("A single file is listed by its name")
    func singleFile() async throws {
        try scratch.write("film.mkv", count: 1000)
        let created = try await scratch.torrent(of: "film.mkv")
        catalogue.publish(HostDocumentTests.document(), offers: ["My Set": offer(created)])
        #expect(try await list("") == ["film.mkv:file:1000"])
        #expect(try await list("film.mkv") == ["film.mkv:file:1000"])
    }

    // MARK: Helpers

    @discardableResult
    private func publish() async throws -> CreatedTorrent {
        try scratch.write("Set/Ä b", count: 100)
        try scratch.write("Set/sub/c", count: 100)
        try scratch.write("Set/sub/deep/d", count: 200)
        let created = try await scratch.torrent(of: "Set")
        catalogue.publish(HostDocumentTests.document(), offers: ["My Set": offer(created)])
        return created
    }

    private func offer(_ created: CreatedTorrent) -> Catalogue.Offer {
        Catalogue.Offer(
            torrent: created.torrent, directory: created.directory, rootName: created.rootName, version: [1, 2, 3])
    }

    private func ask(_ target: String, method: String = "GET") async -> HTTPReply {
        await catalogue.answer(HTTPRequest(method: method, target: target))
    }

    private func list(_ path: String) async throws -> [String] {
        let answer = await ask("/duplex/shares/My%20Set/entries?path=\(PercentCoding.encoded(path))")
        try #require(answer.status == 200)
        return try JSON.decode(ListModel<EntryModel>.self, from: bytes(answer)).rows.map {
            "\($0.name):\($0.kind.rawValue):\($0.bytes)"
        }
    }

    private func bytes(_ reply: HTTPReply) -> [UInt8] {
        switch reply.body {
        case .bytes(let bytes): bytes
        case .buffer(let buffer): Array(buffer.readableBytesView)
        case .stream, .source: []
        }
    }
}
