import Synchronization
import Transport
import WebPages
import WebWire

/// The owner's page and the control API for it: on this computer alone, with a token, and only for requests that name
/// this very address. So no page of a stranger that the owner looks at can use it, whatever it makes of DNS.
final class OwnerService: HTTPService {
    private let api: ControlAPI
    private let token: OwnerToken
    private let metricsPlace: Mutex<MetricsPlace>
    private let status: @Sendable () async -> StatusModel?
    /// Known once it listens.
    private let port = Mutex<UInt16>(0)

    init(
        _ api: ControlAPI, token: OwnerToken, metrics: MetricsPlace = .web,
        status: @escaping @Sendable () async -> StatusModel? = { nil }
    ) {
        self.api = api
        self.token = token
        metricsPlace = Mutex(metrics)
        self.status = status
    }

    func showMetrics(at place: MetricsPlace) {
        metricsPlace.withLock { $0 = place }
    }

    func listens(at port: UInt16) {
        self.port.withLock { $0 = port }
    }

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        guard isAddressedHere(request) else {
            return .text(403, "this page answers only under its own address on this computer")
        }
        let path: RequestPath
        do throws(RequestPathError) {
            path = try RequestPath(target: request.target)
        } catch {
            return .text(error == .tooLong ? 414 : 400, "the target cannot be read")
        }
        if path.components.first == "api" {
            guard hasToken(request) else {
                return .json(401, ErrorModel(error: "this needs the token, `duplex open` has it"))
            }
            var inner = request
            inner.target = String(request.target.dropFirst("/api".count))
            inner.remote = .local
            return await api.answer(inner)
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .text(405, "only GET and HEAD", headers: [("allow", "GET, HEAD")])
        }
        if case .asset(let asset)? = WebRoute(path) { return WebService.asset(asset) }
        if WebRoute(path) == .metrics, metricsPlace.withLock({ $0 }) == .owner { return await metrics(request) }
        guard path.components.isEmpty else { return .text(404, "there is nothing here") }
        if let given = path.parameters.text("token") { return welcome(given, request) }
        guard hasToken(request) else {
            return .text(401, "this is the page of this computer's owner; `duplex open` opens it")
        }
        return HTTPReply(
            status: 200,
            headers: SecurityFields.owner.pairs + [("content-type", MediaType.html), ("cache-control", "no-store")],
            body: .bytes(Array(OwnerPage.html.markup.utf8)))
    }

    private func metrics(_ request: HTTPRequest) async -> HTTPReply {
        guard hasToken(request), let status = await status() else {
            return .text(401, "this needs the token, `duplex open --print` has it")
        }
        return .metrics(status.figures)
    }

    /// The token goes from the address into a cookie, which scripts cannot read and other sites cannot use.
    private func welcome(_ given: String, _ request: HTTPRequest) -> HTTPReply {
        guard token.matches(given) else { return .text(401, "that is not the token; `duplex open` has it") }
        let cookie = "\(cookieName)=\(token.text); Path=/; HttpOnly; SameSite=Strict"
        if request.isFromElsewhere {
            // From the file that `duplex open` wrote. A browser that follows a redirect on such a way keeps the cookie back;
            // from a page of this host it does not.
            return HTTPReply(
                status: 200,
                headers: SecurityFields.owner.pairs + [
                    ("content-type", MediaType.html), ("cache-control", "no-store"), ("set-cookie", cookie),
                ], body: .bytes(Array(OwnerPage.leading(to: WebRoute.home.url).markup.utf8)))
        }
        return HTTPReply(
            status: 303,
            headers: [
                ("location", "/"), ("cache-control", "no-store"), ("referrer-policy", "no-referrer"),
                ("set-cookie", cookie),
            ])
    }

    // MARK: Who asks

    /// Cookies do not know ports: another program's page on this computer has the same ones.
    private var cookieName: String { "duplex-\(port.withLock { $0 })" }

    private var authorities: [String] {
        let port = port.withLock { $0 }
        return ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
    }

    private func isAddressedHere(_ request: HTTPRequest) -> Bool {
        let own = authorities
        guard let host = request.header("host")?.lowercased(), own.contains(host) else { return false }
        let origins = request.headers.filter { $0.name == "origin" }
        let isOwn = origins.allSatisfy { origin in own.contains { "http://\($0)" == origin.value.lowercased() } }
        // A browser says where a request comes from, other programs say nothing.
        let site = request.header("sec-fetch-site") ?? "none"
        let isNavigation = request.header("sec-fetch-mode") == "navigate" && request.method == "GET"
        return isOwn && (site == "same-origin" || site == "none" || isNavigation)
    }

    private func hasToken(_ request: HTTPRequest) -> Bool {
        if let header = request.header("authorization"), header.lowercased().hasPrefix("bearer ") {
            return token.matches(String(header.dropFirst("bearer ".count)))
        }
        let prefix = "\(cookieName)="
        let cookies = request.headers.filter { $0.name == "cookie" }.flatMap { $0.value.split(separator: ";") }
        return cookies.contains { cookie in
            let text = cookie.drop { $0 == " " }
            return text.hasPrefix(prefix) && token.matches(String(text.dropFirst(prefix.count)))
        }
    }
}
