import NIOCore

/// Tells those who cannot have a connection any more that it is not them, and lets them go.
struct BusyService: HTTPUploadService {
    private static let text = "there are too many connections at the moment, try again in some seconds\n"

    /// Of connections that are more than there may be, as many as are told so; those beyond are closed without a word.
    static let gate = (connections: 64, ofAddress: 16)

    /// In a moment it is over.
    static let limits = {
        var limits = HTTPLimits(body: 0, requestTime: .seconds(2), answerTime: .seconds(2))
        limits.idleTime = .zero
        limits.lingerTime = .seconds(2)
        return limits
    }()

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        HTTPReply(
            status: 503,
            headers: [
                ("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("retry-after", "5"),
                ("connection", "close"),
            ], body: .bytes(Array(Self.text.utf8)))
    }

    func streamsBody(of request: HTTPRequest) -> Bool { request.method != "GET" && request.method != "HEAD" }

    func answer(_ request: HTTPRequest, body: HTTPBodyStream) async -> HTTPReply { await answer(request) }
}
