import NIOCore
import NIOPosix
import PeerWire
import Synchronization

/// One answer of a web server, read bit by bit: no more of it is taken from the network than a reader has room for.
///
/// For a single reader. The connection is the answer's own and ends with it.
public final class HTTPStream: Sendable {
    /// What an answer begins with.
    public struct Head: Sendable {
        public let status: Int
        public let fields: [(name: String, value: String)]
        /// The address that answered.
        public let remote: PeerAddress?
    }

    public let head: Head
    private let inbox: StreamInbox

    private init(head: Head, inbox: StreamInbox) {
        self.head = head
        self.inbox = inbox
    }

    deinit { inbox.close() }

    /// Asks a server and waits until the answer begins.
    ///
    /// - Parameter mayAsk: judges the server's address before anything is said to it; what it throws is thrown here.
    /// - Throws: ``HTTPClientError``, or the system's error if nobody answers there.
    public static func open(
        _ method: String, _ target: String, host: String, port: UInt16, authority: String,
        headers: [(name: String, value: String)], patience: TimeAmount = .seconds(30),
        on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any(),
        mayAsk: @escaping @Sendable (PeerAddress) throws -> Void = { _ in }
    ) async throws -> HTTPStream {
        let inbox = StreamInbox(eventLoop: eventLoop)
        eventLoop.execute {
            let reader = StreamReader(inbox: inbox, mayAsk: mayAsk) { link in
                link.get(target, authority: authority, method: method, headers: headers)
            }
            let link = HTTPSourceLink(delegate: reader, patience: patience)
            inbox.keep(NIOLoopBound(link, eventLoop: eventLoop), NIOLoopBound(reader, eventLoop: eventLoop))
            link.connect(host: host, port: port, on: eventLoop)
        }
        do {
            let head = try await withTaskCancellationHandler {
                try await inbox.head()
            } onCancel: {
                inbox.close()
            }
            return HTTPStream(head: head, inbox: inbox)
        } catch {
            inbox.close()
            throw error
        }
    }

    /// What has come since the last call, at least something; nil at the end.
    public func next() async throws -> [ByteBuffer]? {
        try await withTaskCancellationHandler {
            try await inbox.next()
        } onCancel: {
            inbox.close()
        }
    }

    /// The fields behind the body; empty until its end.
    public var trailers: [(name: String, value: String)] { inbox.trailers }

    /// Everything, if it is not too long.
    public func collect(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let parts = try await next() {
            for part in parts {
                guard bytes.count + part.readableBytes <= limit else { throw HTTPClientError.tooLong }
                bytes += part.readableBytesView
            }
        }
        return bytes
    }

    public func close() { inbox.close() }
}

/// What lies between the event loop and the reader.
final class StreamInbox: Sendable {
    private struct State {
        var head: HTTPStream.Head?
        var parts: [ByteBuffer] = []
        var byteCount = 0
        var isHeld = false
        var trailers: [(name: String, value: String)] = []
        var end: Result<Void, any Error>?
        var headWaiter: CheckedContinuation<HTTPStream.Head, any Error>?
        var waiter: CheckedContinuation<[ByteBuffer]?, any Error>?
        var link: NIOLoopBound<HTTPSourceLink>?
        var reader: NIOLoopBound<StreamReader>?
    }

    private static let holdAbove = 2 << 20
    private let state = Mutex(State())
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var trailers: [(name: String, value: String)] { state.withLock { $0.trailers } }

    // MARK: For the reader

    func head() async throws -> HTTPStream.Head {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state -> Result<HTTPStream.Head, any Error>? in
                if let head = state.head { return .success(head) }
                if case .failure(let error) = state.end { return .failure(error) }
                if state.end != nil { return .failure(HTTPClientError.closedEarly) }
                state.headWaiter = continuation
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    func next() async throws -> [ByteBuffer]? {
        try await withCheckedThrowingContinuation { continuation in
            let (known, mustRelease) = state.withLock { state -> (Result<[ByteBuffer]?, any Error>?, Bool) in
                if !state.parts.isEmpty {
                    let parts = state.parts
                    state.parts = []
                    state.byteCount = 0
                    let mustRelease = state.isHeld
                    state.isHeld = false
                    return (.success(parts), mustRelease)
                }
                if let end = state.end { return (end.map { nil }, false) }
                state.waiter = continuation
                return (nil, false)
            }
            if mustRelease { hold(false) }
            if let known { continuation.resume(with: known) }
        }
    }

    /// Nobody wants any more of it.
    func close() {
        end(.failure(HTTPClientError.closedEarly))
        eventLoop.execute { [self] in
            let (link, _) = state.withLock { state in
                defer { (state.link, state.reader) = (nil, nil) }
                return (state.link, state.reader)
            }
            link?.value.close()
        }
    }

    private func hold(_ isHeld: Bool) {
        eventLoop.execute { [self] in state.withLock { $0.link }?.value.hold(isHeld) }
    }

    // MARK: For the event loop

    func keep(_ link: NIOLoopBound<HTTPSourceLink>, _ reader: NIOLoopBound<StreamReader>) {
        state.withLock { state in
            state.link = link
            state.reader = reader
        }
    }

    func began(_ head: HTTPStream.Head) {
        let waiter = state.withLock { state in
            state.head = head
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: head)
    }

    /// - Returns: whether no more is to be read for now.
    func add(_ bytes: ByteBuffer) -> Bool {
        let (waiter, parts, mustHold) = state.withLock {
            state -> (CheckedContinuation<[ByteBuffer]?, any Error>?, [ByteBuffer], Bool) in
            state.parts.append(bytes)
            state.byteCount += bytes.readableBytes
            if let waiter = state.waiter {
                let parts = state.parts
                (state.waiter, state.parts, state.byteCount) = (nil, [], 0)
                return (waiter, parts, false)
            }
            if state.byteCount > Self.holdAbove { state.isHeld = true }
            return (nil, [], state.isHeld)
        }
        waiter?.resume(returning: parts)
        return mustHold
    }

    func end(_ result: Result<Void, any Error>, trailers: [(name: String, value: String)] = []) {
        let (headWaiter, waiter) = state.withLock { state in
            if state.end == nil { (state.end, state.trailers) = (result, trailers) }
            defer { (state.headWaiter, state.waiter) = (nil, nil) }
            return (state.headWaiter, state.waiter)
        }
        headWaiter?.resume(with: result.flatMap { .failure(HTTPClientError.closedEarly) })
        waiter?.resume(with: result.map { nil })
    }
}

/// Asks once and hands what comes to an inbox.
final class StreamReader: HTTPSourceDelegate {
    private let inbox: StreamInbox
    private let mayAsk: @Sendable (PeerAddress) throws -> Void
    private let ask: (HTTPSourceLink) -> Void

    init(
        inbox: StreamInbox, mayAsk: @escaping @Sendable (PeerAddress) throws -> Void,
        ask: @escaping (HTTPSourceLink) -> Void
    ) {
        self.inbox = inbox
        self.mayAsk = mayAsk
        self.ask = ask
    }

    func opened(_ link: HTTPSourceLink) {
        do {
            if let remote = link.remote { try mayAsk(remote) }
            ask(link)
        } catch {
            inbox.end(.failure(error))
            link.close()
        }
    }

    func answered(_ link: HTTPSourceLink, status: Int, fields: [(name: String, value: String)]) {
        inbox.began(HTTPStream.Head(status: status, fields: fields, remote: link.remote))
    }

    func received(_ link: HTTPSourceLink, _ bytes: ByteBuffer) {
        if inbox.add(bytes) { link.hold(true) }
    }

    func caughtUp(_ link: HTTPSourceLink) {}

    func finished(_ link: HTTPSourceLink, trailers: [(name: String, value: String)]) {
        inbox.end(.success(()), trailers: trailers)
        link.close()
    }

    func closed(_ link: HTTPSourceLink, error: (any Error)?) {
        inbox.end(.failure(error ?? HTTPClientError.closedEarly))
    }
}
