import NIOCore
import PeerWire
import Synchronization
import Transport

/// What goes by HTTP between this host and visitors of its pages, or web servers, by their addresses and in all.
final class WebTraffic: Sendable {
    private struct Flow {
        var bytes: Int64 = 0
        var rate = RecentRate()

        mutating func add(_ count: Int64, at second: Int64) {
            // Commands may say what they like, and nothing that is said may end the host.
            bytes = bytes.addingReportingOverflow(count).overflow ? .max : bytes + count
            rate.add(count, at: second)
        }
    }

    private struct Flows {
        var sent = Flow()
        var received = Flow()
        /// The count with which something was added last.
        var latest: Int64 = 0

        mutating func add(_ count: Int64, _ way: FlowDirection, at second: Int64) {
            switch way {
            case .sent: sent.add(count, at: second)
            case .received: received.add(count, at: second)
            }
        }
    }

    private struct State {
        var counts: Int64 = 0
        var all = Flows()
        var partners: [String: Flows] = [:]
        var underWay = 0
    }

    /// So many addresses are remembered; then whoever was not seen for longest is forgotten, and what went to it stays in
    /// the sums.
    static let capacity = 200

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    private var second: Int64 { (ContinuousClock.now - start).components.seconds }

    /// - Parameter second: seconds since any fixed moment; the time that it is, if none is given.
    func count(_ bytes: Int64, _ way: FlowDirection, with partner: String, at second: Int64? = nil) {
        guard bytes > 0 else { return }
        let second = second ?? self.second
        state.withLock { state in
            state.counts += 1
            state.all.add(bytes, way, at: second)
            if state.partners[partner] == nil, state.partners.count >= Self.capacity,
                let oldest = state.partners.min(by: { $0.value.latest < $1.value.latest })
            {
                state.partners[oldest.key] = nil
            }
            state.partners[partner, default: Flows()].add(bytes, way, at: second)
            state.partners[partner]?.latest = state.counts
        }
    }

    /// A download or an upload begins; ``end()`` follows.
    func begin() { state.withLock { $0.underWay += 1 } }

    func end() { state.withLock { $0.underWay -= 1 } }

    func model(at second: Int64? = nil) -> WebTrafficModel {
        let second = second ?? self.second
        return state.withLock { state in
            let partners = state.partners.sorted { $0.value.latest > $1.value.latest }
            return WebTrafficModel(
                up: state.all.sent.rate.current(at: second), down: state.all.received.rate.current(at: second),
                uploaded: state.all.sent.bytes, downloaded: state.all.received.bytes, transfers: state.underWay,
                partners: partners.map { address, flows in
                    WebPartnerModel(
                        address: address, up: flows.sent.rate.current(at: second),
                        down: flows.received.rate.current(at: second), uploaded: flows.sent.bytes,
                        downloaded: flows.received.bytes)
                })
        }
    }

    // MARK: Answers and uploads

    /// An answer whose bytes are counted as they leave.
    func counted(_ reply: HTTPReply, for request: HTTPRequest) -> HTTPReply {
        guard request.method == "GET", (200..<300).contains(reply.status), let visitor = request.remote.visitor else {
            return reply
        }
        var reply = reply
        switch reply.body {
        case .bytes(let bytes): count(Int64(bytes.count), .sent, with: visitor)
        case .buffer(let buffer): count(Int64(buffer.readableBytes), .sent, with: visitor)
        case .source(let source): reply.body = .source(CountedBody(source, to: visitor, self))
        // None of the pages.
        case .stream: break
        }
        return reply
    }

    /// Counts what is taken of a body until the answer is there.
    func counting(
        _ body: HTTPBodyStream, of request: HTTPRequest, _ answer: () async -> HTTPReply
    ) async -> HTTPReply {
        guard let visitor = request.remote.visitor else { return await answer() }
        begin()
        defer { end() }
        body.count { [weak self] in self?.count(Int64($0), .received, with: visitor) }
        return await answer()
    }
}

extension RequestOrigin {
    /// The address without its port, which is another for each connection.
    fileprivate var visitor: String? {
        switch self {
        case .local: nil
        case .network(let address): address.ipText
        }
    }
}

/// Bytes a second over the last three seconds, from counts that are added as they happen.
struct RecentRate: Sendable {
    private static let length: Int64 = 3
    /// So that sums are numbers whatever comes.
    private static let most = Int64.max / 4
    /// Of the newest second and those before it.
    private var seconds: [Int64] = [0, 0, 0]
    private var newest: Int64 = 0

    mutating func add(_ bytes: Int64, at second: Int64) {
        advance(to: second)
        seconds[0] = min(seconds[0] + min(bytes, Self.most), Self.most)
    }

    func current(at second: Int64) -> Int64 {
        var now = self
        now.advance(to: second)
        return now.seconds.reduce(0, +) / Self.length
    }

    private mutating func advance(to second: Int64) {
        for _ in 0..<max(0, min(second - newest, Self.length)) {
            seconds.removeLast()
            seconds.insert(0, at: 0)
        }
        newest = max(newest, second)
    }
}
