import NIOHTTP1
import PeerWire
import Synchronization

/// What a request's head must not be. The parser refuses most of it already; two programs that read one connection
/// differently are too dangerous to rely on that (RFC 9112 §6.3, §11.2).
struct RequestCheck {
    private let limits: HTTPLimits

    init(_ limits: HTTPLimits) {
        self.limits = limits
    }

    /// The status to refuse it with; nil for a request that is fine.
    func refusal(of head: HTTPRequestHead) -> Int? {
        let headers = head.headers
        guard head.version.major == 1, head.version.minor <= 1 else { return 505 }
        guard headers.count <= limits.fields else { return 431 }
        let bytes = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard bytes <= limits.fieldBytes else { return 431 }
        let lengths = headers["content-length"]
        let codings = headers["transfer-encoding"]
        guard lengths.count <= 1, codings.count <= 1, lengths.isEmpty || codings.isEmpty else { return 400 }
        if let length = lengths.first, !length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return 400 }
        if let coding = codings.first, coding.lowercased() != "chunked" || head.version.minor == 0 { return 400 }
        let hosts = headers["host"]
        guard hosts.count == 1 || head.version.minor == 0 && hosts.isEmpty else { return 400 }
        for (_, value) in headers where value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            return 400
        }
        return nil
    }
}

/// Counts the connections of a server and lets no more in than there may be, in all and of one address.
final class ConnectionGate: Sendable {
    private struct State {
        var count = 0
        var ofAddress: [PeerAddress: Int] = [:]
    }

    private let limit: Int
    private let limitOfAddress: Int
    private let state = Mutex(State())

    init(limit: Int, ofAddress: Int) {
        self.limit = limit
        limitOfAddress = ofAddress
    }

    func enter(_ remote: PeerAddress) -> Bool {
        let address = remote.withPort(0)
        return state.withLock { state in
            let own = state.ofAddress[address, default: 0]
            guard state.count < limit, own < limitOfAddress else { return false }
            state.count += 1
            state.ofAddress[address] = own + 1
            return true
        }
    }

    func leave(_ remote: PeerAddress) {
        let address = remote.withPort(0)
        state.withLock { state in
            state.count -= 1
            let left = state.ofAddress[address, default: 1] - 1
            state.ofAddress[address] = left > 0 ? left : nil
        }
    }
}
