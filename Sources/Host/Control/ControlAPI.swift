import Metainfo
import NIOCore
import Storage
import Transport

/// The routes by which commands, and later pages, use a host: HTTP and JSON. What is described in ``OpenAPIDocument`` is
/// made from the same table.
public struct ControlAPI: HTTPService {
    let service: HostService
    private let routes: [ControlRoute]

    public init(_ service: HostService) {
        self.service = service
        routes = ControlRoute.all
    }

    public func answer(_ request: HTTPRequest) async -> HTTPReply {
        guard let target = RequestTarget(request.target) else { return .failure(400, "the target cannot be read") }
        let matching = routes.compactMap { route in route.match(target.path).map { (route, $0) } }
        guard !matching.isEmpty else { return .failure(404, "there is no such thing: \(request.target)") }
        guard let (route, names) = matching.first(where: { $0.0.method == request.method }) else {
            let allowed = matching.map(\.0.method).joined(separator: ", ")
            var reply = HTTPReply.failure(405, "this takes \(allowed)")
            reply.headers.append(("allow", allowed))
            return reply
        }
        do {
            return try await route.handler(service, ControlCall(names: names, query: target.query, request: request))
        } catch {
            return Self.reply(to: error)
        }
    }

    private static func reply(to error: any Error) -> HTTPReply {
        let status =
            switch error {
            case let error as ShareError:
                switch error.kind {
                case .notFound: 404
                case .nameTaken: 409
                case .invalid: 422
                }
            case let error as FetchError:
                switch error.kind {
                case .notFound: 404
                case .conflict: 409
                case .invalid: 422
                case .failed: 502
                }
            case is ControlCall.Malformed: 400
            case is MetainfoError, is MagnetError, is CreationError, is TransferError, is TransferLock.LockError: 422
            default: 500
            }
        return .failure(status, "\(error)")
    }
}

/// One request for a route.
struct ControlCall: Sendable {
    /// The parts of the path that stand for something, by the names of the template.
    let names: [String: String]
    let query: [String: String]
    let request: HTTPRequest

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    func name(_ name: String) -> String { names[name] ?? "" }

    /// The body; a clear error if it is not what the route takes.
    func body<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try JSON.decode(type, from: request.body.readableBytesView)
        } catch {
            throw Malformed(description: "the body is not the JSON that this takes, see /openapi.json")
        }
    }
}

extension HTTPReply {
    /// What went wrong, in words for the user.
    static func failure(_ status: Int, _ message: String) -> HTTPReply {
        .json(status, ErrorModel(error: message))
    }
}

/// Why a request was not done.
public struct ErrorModel: Codable, Sendable, Equatable {
    public var error: String
}
