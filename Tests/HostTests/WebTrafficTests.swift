import NIOCore
import Synchronization
import Testing

@testable import Host
@testable import PeerWire
@testable import Transport

@Suite("What visitors of the pages get and bring")
struct WebTrafficTests {
    @Test("When there are many the least recent is forgotten, and nothing is lost from the sums")
    func bounded() {
        let traffic = WebTraffic()
        for number in 0..<500 {
            traffic.count(10, .sent, with: "\(number)")
            traffic.count(1, .received, with: "\(number)")
            // One that is always there.
            traffic.count(1, .sent, with: "always")
        }
        let model = traffic.model()
        #expect(model.partners.count == WebTraffic.capacity)
        #expect((model.uploaded, model.downloaded) == (5500, 500))
        #expect(model.partners[0].address == "always" && model.partners[0].uploaded == 500)
        #expect(model.partners.dropFirst().map(\.address) == (301..<500).reversed().map { "\($0)" })
        traffic.count(0, .sent, with: "nobody")
        #expect(!traffic.model().partners.contains { $0.address == "nobody" })
    }

    @Test("Rates are those of the last three seconds")
    func rates() {
        let traffic = WebTraffic()
        traffic.count(3000, .sent, with: "a", at: 10)
        traffic.count(300, .received, with: "b", at: 11)
        #expect(traffic.model(at: 12).up == 1000)
        #expect(traffic.model(at: 12).partners.map(\.down) == [100, 0])
        #expect(traffic.model(at: 13).up == 0 && traffic.model(at: 13).down == 100)
        #expect(traffic.model(at: .max).down == 0)
        // A clock that stands still or goes back takes nothing away.
        traffic.count(600, .received, with: "b", at: 5)
        #expect(traffic.model(at: 11).down == 300)
    }

    /// A file and some bytes, and how often a part of the file was asked for.
    private final class Parts: HTTPBodySource {
        private let parts: Mutex<[HTTPBodyPart]>

        init(_ parts: [HTTPBodyPart]) {
            self.parts = Mutex(parts.reversed())
        }

        func next() async throws -> HTTPBodyPart? { parts.withLock { $0.popLast() } }
    }

    private func request(_ method: String = "GET") throws -> HTTPRequest {
        let address = try #require(PeerAddress(parsing: "10.0.0.1:4711"))
        return HTTPRequest(method: method, target: "/", remote: .network(address))
    }

    @Test("A body is counted as it leaves, in steps that leave nothing out")
    func steps() async throws {
        let traffic = WebTraffic()
        // Its descriptor is never used.
        let file = HTTPFile(descriptor: -1, isUnchanged: { true }, read: { _ in [] })
        let length: Int64 = 5_000_000
        let source = Parts([.bytes([1, 2, 3]), .file(file, 7..<(7 + length)), .bytes([4])])
        var reply: HTTPReply? = traffic.counted(HTTPReply(status: 200, body: .source(source)), for: try request())
        var (position, steps): (Int64, Int) = (7, 0)
        do {
            guard case .source(let body)? = reply?.body else { throw ChangedFileError() }
            while let part = try await body.next() {
                guard case .file(_, let range) = part else { continue }
                // What was handed out is on its way; what was before it has left.
                #expect(traffic.model().uploaded == 3 + position - 7)
                #expect(range.lowerBound == position && range.count <= HTTPFile.stepLength)
                (position, steps) = (range.upperBound, steps + 1)
            }
        }
        #expect(position == 7 + length && steps >= 5)
        #expect(traffic.model().uploaded == length + 4)
        #expect(traffic.model().partners.map(\.address) == ["10.0.0.1"])
        #expect(traffic.model().transfers == 1)
        reply = nil
        #expect(traffic.model().transfers == 0)
    }

    @Test("Neither heads nor errors nor what this user's own commands ask for is counted")
    func uncounted() throws {
        let traffic = WebTraffic()
        let bytes = HTTPReply.Body.bytes([1, 2, 3])
        _ = traffic.counted(HTTPReply(status: 200, body: bytes), for: try request("HEAD"))
        _ = traffic.counted(HTTPReply(status: 404, body: bytes), for: try request())
        _ = traffic.counted(HTTPReply(status: 200, body: bytes), for: HTTPRequest(method: "GET", target: "/"))
        #expect(traffic.model() == WebTrafficModel())
        _ = traffic.counted(HTTPReply(status: 206, body: bytes), for: try request())
        #expect(traffic.model().uploaded == 3)
    }

    @Test("What is brought is counted as it is taken")
    func brought() async throws {
        let traffic = WebTraffic()
        let body = HTTPBodyStream([.init(string: "abc"), .init(string: "de")])
        let reply = await traffic.counting(body, of: try request("PUT")) {
            _ = try? await body.next()
            #expect(traffic.model().transfers == 1)
            return HTTPReply(status: 201)
        }
        #expect(reply.status == 201)
        #expect((traffic.model().downloaded, traffic.model().uploaded, traffic.model().transfers) == (5, 0, 0))
    }
}

@Suite("What commands fetch from web servers themselves")
struct CommandDownloadTests {
    private func report(_ id: String, _ downloaded: Int64, isOver: Bool = false, _ server: String = "a:80")
        -> DownloadReport
    {
        DownloadReport(id: id, server: server, downloaded: downloaded, isOver: isOver)
    }

    @Test("Each byte counts once, for its server and in all")
    func counted() throws {
        let downloads = CommandDownloads()
        try downloads.take(report("1", 0))
        try downloads.take(report("1", 10))
        try downloads.take(report("2", 5, "b:80"))
        #expect(downloads.model().transfers == 2)
        try downloads.take(report("1", 10))
        // One that was begun anew.
        try downloads.take(report("1", 3))
        try downloads.take(report("1", 12, isOver: true))
        try downloads.take(report("2", 5, isOver: true, "b:80"))
        try downloads.take(report("3", 7, isOver: true, "b:80"))
        let model = downloads.model()
        #expect((model.downloaded, model.uploaded, model.transfers) == (24, 0, 0))
        #expect(model.partners.map(\.address) == ["b:80", "a:80"])
        #expect(model.partners.map(\.downloaded) == [12, 12])
    }

    @Test("Whatever is said ends nothing and fills nothing")
    func hostile() throws {
        let downloads = CommandDownloads()
        for number in 0..<400 { try? downloads.take(report("\(number)", .max)) }
        #expect(downloads.model().transfers == 256)
        #expect(downloads.model().downloaded == .max)
        try downloads.take(report("0", .min))
        for id in ["", String(repeating: "a", count: 65)] {
            #expect(throws: FetchError.self) { try downloads.take(report(id, 1)) }
        }
        for server in ["", String(repeating: "a", count: 301)] {
            #expect(throws: FetchError.self) { try downloads.take(report("0", 1, server)) }
        }
        #expect(throws: FetchError.self) { try downloads.take(report("new", 1)) }
    }
}
