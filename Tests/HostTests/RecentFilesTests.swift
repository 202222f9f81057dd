import Metainfo
import NIOCore
import PeerWire
import Storage
import Testing
import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@testable import Host

@Suite("Files that many ask for", .timeLimit(.minutes(1)))
struct RecentFilesTests {
    private let scratch: Scratch
    private let pages: WebService
    private let pool = DiskPool(workers: 2)

    init() throws {
        scratch = try Scratch()
        try scratch.write("Set/a.bin", count: 16_384)
        try scratch.write("Set/b.bin", count: 100)
        pages = WebService(
            pool: pool, peerPort: 1, uploads: try UploadKeeper(pool: pool, state: nil), status: { nil })
    }

    private func offer() async throws -> Catalogue.Offer {
        let created = try await TorrentCreator.create(path: scratch.path + "/Set", pool: pool)
        return Catalogue.Offer(
            torrent: created.torrent, directory: created.directory, rootName: created.rootName, version: [],
            stamps: created.stamps, earlier: [:])
    }

    private func publish(_ offer: Catalogue.Offer, neighbours: [WebNeighbour] = []) async {
        pages.publish(hostName: "h", offers: ["Set": offer], neighbours: neighbours)
        // The shares that pages know files by are made when somebody first looks.
        _ = await ask("/s/Set/")
    }

    private func ask(
        _ target: String, host: String = "h:1", _ headers: [(name: String, value: String)] = []
    ) async -> HTTPReply {
        await pages.answer(HTTPRequest(method: "GET", target: target, headers: [("host", host)] + headers))
    }

    private func bytes(_ reply: HTTPReply) -> [UInt8] {
        switch reply.body {
        case .bytes(let bytes): bytes
        case .buffer(let buffer): Array(buffer.readableBytesView)
        default: []
        }
    }

    private func fields(_ reply: HTTPReply) -> [String] {
        reply.headers.filter { $0.name != "date" }.map { "\($0.name): \($0.value)" }
    }

    @Test("The second answer is the first one's, in whole and in part, and stays open for a moment")
    func again() async throws {
        await publish(try await offer())
        let content = try #require(scratch.read("Set/a.bin"))
        let first = await ask("/s/Set/a.bin")
        #expect(first.status == 200 && bytes(first) == content)
        // It is closed again when the machine is busy with something else for long.
        _ = try await eventually {
            _ = await ask("/s/Set/a.bin")
            return pages.recent.count == 1 ? true : nil
        }
        let second = await ask("/s/Set/a.bin")
        #expect(second.status == 200 && bytes(second) == content && fields(second) == fields(first))
        let part = await ask("/s/Set/a.bin", [("range", "bytes=5-9")])
        #expect(part.status == 206 && bytes(part) == Array(content[5...9]))
        let tag = try #require(first.headers.first { $0.name.lowercased() == "etag" }?.value)
        #expect(await ask("/s/Set/a.bin", [("if-none-match", tag)]).status == 304)
        _ = try await eventually { pages.recent.count == 0 ? true : nil }
        #expect(await bytes(ask("/s/Set/a.bin")) == content)
    }

    @Test("What changed meanwhile, was deleted or replaced is not served from the open file")
    func changed() async throws {
        await publish(try await offer())
        for round in 0..<3 {
            #expect(await ask("/s/Set/b.bin").status == 200)
            switch round {
            case 0: try scratch.write("Set/b.bin", count: 100, seed: 2)
            case 1: scratch.remove("Set/b.bin")
            default:
                try scratch.write("Set/other", count: 100, seed: 3)
                #expect(rename(scratch.path + "/Set/other", scratch.path + "/Set/b.bin") == 0)
            }
            #expect(await ask("/s/Set/b.bin").status == (round == 1 ? 404 : 503))
            try scratch.write("Set/b.bin", count: 100)
            await publish(try await offer())
        }
    }

    @Test("The fields are those of the address that was asked, and of the hosts that are there now")
    func fields() async throws {
        let offer = try await offer()
        await publish(offer)
        _ = await ask("/s/Set/a.bin")
        #expect(await fields(ask("/s/Set/a.bin", host: "other:2")).contains { $0.contains("http://other:2/") })
        #expect(await !fields(ask("/s/Set/a.bin")).contains { $0.contains("10.0.0.9") })
        let hash = try #require(offer.torrent.info.hashes.v2?.hex)
        let address = try #require(PeerAddress(parsing: "10.0.0.9:80"))
        await publish(
            offer,
            neighbours: [
                WebNeighbour(
                    name: "n", origin: WebOrigin(address: address), isDedicated: false, shares: ["Set": [hash]])
            ])
        #expect(await fields(ask("/s/Set/a.bin")).contains { $0.contains("http://10.0.0.9:80/s/Set/a.bin") })
        pages.publish(neighbours: [])
        #expect(await !fields(ask("/s/Set/a.bin")).contains { $0.contains("10.0.0.9") })
    }
}
