import Metainfo
import NIOCore
import PeerWire
import Synchronization
import Transport
import WebWire

/// The begin of an answer of a web server, and the rest of it to be read.
struct WebAnswer: Sendable {
    /// Where it came from in the end.
    let url: HTTPURL
    let status: Int
    let fields: HeaderFields
    let stream: HTTPStream

    /// `type/subtype` in lower case.
    var mediaType: String {
        let value = fields.single("Content-Type")?.prefix { $0 != ";" } ?? ""
        return String(value.filter { !$0.isWhitespace }).lowercased()
    }
}

/// Asks web servers (RFC 9110) and follows their redirects.
///
/// Where the first server is decides where it may send its askers, by a redirect or by what it names: mirrors, a torrent, a
/// tracker. So one client asks for all that follows from one address.
struct WebClient: Sendable {
    static let maximumRedirects = 10
    static let userAgent = "Duplex/0.1"

    let origin = OriginKind()

    /// - Throws: ``WebTrouble``
    func get(
        _ url: HTTPURL, method: String = "GET", headers: [(name: String, value: String)] = []
    ) async throws -> WebAnswer {
        var url = url
        let origin = origin
        for _ in 0...Self.maximumRedirects {
            guard url.scheme == .http else { throw WebTrouble.noTLS(url.description) }
            let all = [("User-Agent", Self.userAgent), ("Accept", "*/*"), ("Accept-Encoding", "identity")] + headers
            let stream: HTTPStream
            do {
                stream = try await HTTPStream.open(
                    method, url.target, host: url.host, port: url.port, authority: url.authority, headers: all,
                    mayAsk: { try origin.check($0) })
            } catch let error as WebTrouble {
                throw error
            } catch {
                throw WebTrouble.connection(ConnectionTrouble.text(error), host: url.authority)
            }
            var fields = HeaderFields()
            for (name, value) in stream.head.fields { fields.append(name, value) }
            let status = stream.head.status
            guard [301, 302, 303, 307, 308].contains(status), let location = fields.single("Location") else {
                return WebAnswer(url: url, status: status, fields: fields, stream: stream)
            }
            stream.close()
            do {
                url = try url.resolving(location)
            } catch {
                throw WebTrouble.redirect("\(error)")
            }
        }
        throw WebTrouble.redirect("it leads on more than \(Self.maximumRedirects) times")
    }
}

/// What is wrong with a web server or its answer.
enum WebTrouble: Error, Equatable, CustomStringConvertible {
    case noTLS(String)
    case connection(String, host: String)
    case redirect(String)
    /// A server elsewhere sends its askers to this network.
    case inward
    case status(Int, retryAfter: Int64?)
    case answer(String)

    /// Why, as it stands in a message.
    var description: String {
        switch self {
        case .noTLS: "https is not there yet, Duplex speaks plain http only"
        case .connection(let why, let host): "\(host): \(why)"
        case .redirect(let why): "the server leads elsewhere, and \(why)"
        case .inward: "a server of the internet leads into this network"
        case .status(let status, _): "the server answers \(status)\(Self.phrase(status))"
        case .answer(let why): why
        }
    }

    /// Whether it may be over in a while.
    var isPassing: Bool {
        switch self {
        case .noTLS, .redirect, .inward, .answer: false
        case .connection: true
        case .status(let status, _): status >= 500 || status == 429 || status == 408
        }
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 401: " (it asks for a password)"
        case 403: " (it does not allow that)"
        case 404, 410: " (nothing is there)"
        case 429: " (too many requests)"
        case 503: " (it has too much to do)"
        default: ""
        }
    }
}

/// Remembers whether the first server that was asked is one of the internet: such a one must not lead its askers to what
/// is in their own network.
final class OriginKind: Sendable {
    private let isPublic = Mutex<Bool?>(nil)

    static func isHere(_ address: PeerAddress) -> Bool {
        address.isLoopback || address.isPrivate || address.isLinkLocal || address.isUnspecified
    }

    func check(_ address: PeerAddress) throws {
        let isHere = Self.isHere(address)
        let wasPublic = isPublic.withLock { value in
            if value == nil { value = !isHere }
            return value ?? false
        }
        if wasPublic, isHere { throw WebTrouble.inward }
    }
}
