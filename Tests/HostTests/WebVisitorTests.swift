import NIOCore
import Synchronization
import Testing

@testable import Host
@testable import PeerWire
@testable import Transport

@Suite("What visitors of the pages get and bring")
struct WebVisitorTests {
    @Test("When there are many the least recent is forgotten, and nothing is lost from the sums")
    func bounded() {
        let visitors = WebVisitors()
        for number in 0..<500 {
            visitors.count(10, .sent, with: "\(number)")
            visitors.count(1, .received, with: "\(number)")
            // One that is always there.
            visitors.count(1, .sent, with: "always")
        }
        let model = visitors.model()
        #expect(model.visitors.count == WebVisitors.capacity)
        #expect((model.uploaded, model.downloaded) == (5500, 500))
        #expect(model.visitors[0].address == "always" && model.visitors[0].uploaded == 500)
        #expect(model.visitors.dropFirst().map(\.address) == (301..<500).reversed().map { "\($0)" })
        visitors.count(0, .sent, with: "nobody")
        #expect(!visitors.model().visitors.contains { $0.address == "nobody" })
    }

    @Test("Rates are those of the last three seconds")
    func rates() {
        let visitors = WebVisitors()
        visitors.count(3000, .sent, with: "a", at: 10)
        visitors.count(300, .received, with: "b", at: 11)
        #expect(visitors.model(at: 12).up == 1000)
        #expect(visitors.model(at: 12).visitors.map(\.down) == [100, 0])
        #expect(visitors.model(at: 13).up == 0 && visitors.model(at: 13).down == 100)
        #expect(visitors.model(at: .max).down == 0)
        // A clock that stands still or goes back takes nothing away.
        visitors.count(600, .received, with: "b", at: 5)
        #expect(visitors.model(at: 11).down == 300)
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
        let visitors = WebVisitors()
        // Its descriptor is never used.
        let file = HTTPFile(descriptor: -1, isUnchanged: { true }, read: { _ in [] })
        let length: Int64 = 5_000_000
        let source = Parts([.bytes([1, 2, 3]), .file(file, 7..<(7 + length)), .bytes([4])])
        var reply: HTTPReply? = visitors.counted(HTTPReply(status: 200, body: .source(source)), for: try request())
        var (position, steps): (Int64, Int) = (7, 0)
        do {
            guard case .source(let body)? = reply?.body else { throw ChangedFileError() }
            while let part = try await body.next() {
                guard case .file(_, let range) = part else { continue }
                // What was handed out is on its way; what was before it has left.
                #expect(visitors.model().uploaded == 3 + position - 7)
                #expect(range.lowerBound == position && range.count <= HTTPFile.stepLength)
                (position, steps) = (range.upperBound, steps + 1)
            }
        }
        #expect(position == 7 + length && steps >= 5)
        #expect(visitors.model().uploaded == length + 4)
        #expect(visitors.model().visitors.map(\.address) == ["10.0.0.1"])
        #expect(visitors.model().transfers == 1)
        reply = nil
        #expect(visitors.model().transfers == 0)
    }

    @Test("Neither heads nor errors nor what this user's own commands ask for is counted")
    func uncounted() throws {
        let visitors = WebVisitors()
        let bytes = HTTPReply.Body.bytes([1, 2, 3])
        _ = visitors.counted(HTTPReply(status: 200, body: bytes), for: try request("HEAD"))
        _ = visitors.counted(HTTPReply(status: 404, body: bytes), for: try request())
        _ = visitors.counted(HTTPReply(status: 200, body: bytes), for: HTTPRequest(method: "GET", target: "/"))
        #expect(visitors.model() == WebTrafficModel())
        _ = visitors.counted(HTTPReply(status: 206, body: bytes), for: try request())
        #expect(visitors.model().uploaded == 3)
    }

    @Test("What is brought is counted as it is taken")
    func brought() async throws {
        let visitors = WebVisitors()
        let body = HTTPBodyStream([.init(string: "abc"), .init(string: "de")])
        let reply = await visitors.counting(body, of: try request("PUT")) {
            _ = try? await body.next()
            #expect(visitors.model().transfers == 1)
            return HTTPReply(status: 201)
        }
        #expect(reply.status == 201)
        #expect((visitors.model().downloaded, visitors.model().uploaded, visitors.model().transfers) == (5, 0, 0))
    }
}
