import NIOCore

/// Answers requests: the routes behind a server. Must not block.
public protocol HTTPService: Sendable {
    func answer(_ request: HTTPRequest) async -> HTTPReply
    /// Whether answers and their bodies are made on the event loop of the connection, which saves two changes of threads.
    /// What takes longer than a moment is then for the service to do elsewhere (``offEventLoop(_:)``).
    var answersOnEventLoop: Bool { get }
}

extension HTTPService {
    public var answersOnEventLoop: Bool { false }

    /// Does what takes its time where it holds up no connection.
    public func offEventLoop<Value: Sendable>(_ work: @Sendable () async -> Value) async -> Value {
        await withTaskExecutorPreference(globalConcurrentExecutor) { await work() }
    }
}

/// What a server takes from those who ask.
public struct HTTPLimits: Sendable {
    /// Bytes of a request's body.
    public var body: Int
    /// Time for a request to arrive whole.
    public var requestTime: TimeAmount
    /// Time for a kept connection to send the next request.
    public var idleTime: TimeAmount
    /// Time for an answer, or for one part of a long one, to be taken by the client.
    public var answerTime: TimeAmount
    /// Connections at a time. At the port of the peers the oldest of whoever has most makes room for one more.
    public var connections: Int
    /// Those of one address, where the server has a port of its own.
    public var connectionsOfAddress: Int
    /// Header fields of a request: how many, and bytes of all together.
    public var fields = 100
    public var fieldBytes = 32 << 10
    /// So much of a streamed body must arrive in each such time, in bytes; who sends less is not waited for.
    public var bodyPeriodBytes = 16 << 10
    public var bodyPeriod = TimeAmount.seconds(30)
    /// How long a client that is still sending has for noticing that it got its answer.
    public var lingerTime = TimeAmount.seconds(10)
    /// Streams of HTTP/2: of one connection, and of all together; each may hold a piece of a body in memory.
    public var streamsPerConnection = 100
    public var streams = 1024

    public init(
        body: Int, requestTime: TimeAmount = .seconds(15), answerTime: TimeAmount = .minutes(5), connections: Int = 128
    ) {
        self.body = body
        self.requestTime = requestTime
        idleTime = requestTime
        self.answerTime = answerTime
        self.connections = connections
        connectionsOfAddress = connections
    }
}
