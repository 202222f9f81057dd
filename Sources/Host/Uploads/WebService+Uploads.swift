import NIOCore
import Transport
import WebPages
import WebWire

/// What visitors put into inboxes: by a form, by PUT, or by tus 1.0.0, which can be resumed.
extension WebService: HTTPUploadService {
    func streamsBody(of request: HTTPRequest) -> Bool {
        guard ["POST", "PUT", "PATCH"].contains(request.method) else { return false }
        // Whoever sends a file under a name that cannot be used hears of that before the file has come.
        guard let path = try? RequestPath(target: request.target) else { return true }
        return switch WebRoute(path) {
        case .content, .upload: true
        default: false
        }
    }

    func answer(_ request: HTTPRequest, body: HTTPBodyStream) async -> HTTPReply {
        finished(await figures.visitors.counting(body, of: request) { await bring(request, body) })
    }

    private func bring(_ request: HTTPRequest, _ body: HTTPBodyStream) async -> HTTPReply {
        guard !request.isFromElsewhere else { return refusal(.foreign, request) }
        let path: RequestPath
        do throws(RequestPathError) {
            path = try RequestPath(target: request.target)
        } catch {
            return refusal(UploadError(error), request)
        }
        guard let route = WebRoute(path) else { return errorPage(404) }
        let asked = WebRequest(
            request: request, method: .get, path: path, origin: WebOrigin(request, peerPort: peerPort))
        let sender = UploadSender(request.remote)
        do {
            try await uploads.enter(sender)
            let reply: Result<HTTPReply, any Error>
            do {
                reply = .success(try await bring(asked, route, body, sender))
            } catch {
                reply = .failure(error)
            }
            await uploads.leave(sender)
            return try reply.get()
        } catch {
            return refusal(UploadError(error), request)
        }
    }

    private func bring(
        _ asked: WebRequest, _ route: WebRoute, _ body: HTTPBodyStream, _ sender: UploadSender
    ) async throws -> HTTPReply {
        switch (route, asked.request.method) {
        case (.upload(let id), "PATCH"): return try await tusPatch(asked, id, body)
        case (.upload(let id), "POST"): return try await tusOverride(asked, id, body)
        case (.content(let share, let path, _), "POST"):
            let inbox = try inbox(share)
            if asked.request.isTus { return try await tusCreate(asked, inbox, path, body, sender) }
            return try await form(asked, inbox, path, body, sender)
        case (.content(let share, let path, let isFolder), "PUT"):
            return try await put(asked, try inbox(share), path, isFolder: isFolder, body, sender)
        default:
            return errorPage(405, extra: ["Allow": "GET, HEAD, POST, PUT, OPTIONS"])
        }
    }

    /// What is neither read nor brings something.
    func uploadRoute(_ asked: WebRequest, _ route: WebRoute) async -> HTTPReply {
        switch (route, asked.request.method) {
        case (.upload, "OPTIONS"): return tusOptions(await uploads.limits.file)
        case (.content(let share, _, _), "OPTIONS"):
            guard (try? inbox(share)) != nil else { return errorPage(405, extra: ["Allow": "GET, HEAD"]) }
            return tusOptions(await uploads.limits.file)
        case (.upload(let id), "DELETE"):
            return asked.request.isFromElsewhere ? refusal(.foreign, asked.request) : await tusDelete(asked, id)
        default: return errorPage(405, extra: ["Allow": "GET, HEAD"])
        }
    }

    func inbox(_ share: String) throws(UploadError) -> Inbox {
        let snapshot = snapshot
        if let inbox = snapshot.inboxes[share] {
            var inbox = inbox
            inbox.fileCount = snapshot.shares[share]?.fileCount ?? 0
            return inbox
        }
        throw snapshot.shares[share] == nil ? .noSuchShare : .notAnInbox
    }

    // MARK: One file as the body

    /// `curl -T FILE http://HOST:PORT/s/INBOX/`. A name is never replaced, so doing it twice makes two files.
    private func put(
        _ asked: WebRequest, _ inbox: Inbox, _ path: [String], isFolder: Bool, _ body: HTTPBodyStream,
        _ sender: UploadSender
    ) async throws -> HTTPReply {
        // A part of a file must not become one (RFC 9110 §14.4).
        guard asked.request.header("content-range") == nil else {
            throw UploadError.malformed("an upload cannot be resumed by PUT; tus 1.0 can do that")
        }
        guard isFolder || !path.isEmpty else {
            let folder = asked.origin.root + WebRoute.content(share: inbox.name, path: [], isFolder: true).url.text
            throw UploadError.malformed(
                "put a / behind the address, then the file keeps its name: curl -T FILE \(folder)")
        }
        // What comes from a pipe has no name.
        let place = isFolder ? path + ["upload"] : path
        let id = try await uploads.begin(
            in: inbox, at: place, length: asked.contentLength, from: sender, isResumable: false)
        do {
            while let parts = try await body.next() { try await uploads.append(parts, to: id) }
            return uploaded([try await uploads.finish(id)], inbox, path, asked)
        } catch {
            await uploads.abandon(id)
            throw error
        }
    }

    // MARK: Answers

    /// Where files went: for browsers back to the folder, for programs a line for each.
    func uploaded(_ files: [[String]], _ inbox: Inbox, _ folder: [String], _ asked: WebRequest) -> HTTPReply {
        let urls = files.map { WebRoute.content(share: inbox.name, path: $0, isFolder: false).url.text }
        if asked.request.wantsPage {
            let target = WebRoute.content(share: inbox.name, path: folder, isFolder: true).url.text
            return HTTPReply(
                status: 303, headers: [("location", "\(target)?added=\(files.count)"), ("cache-control", "no-store")])
        }
        let headers = urls.count == 1 ? [(name: "location", value: urls[0])] : []
        return .text(201, urls.map { asked.origin.root + $0 }.joined(separator: "\n"), headers: headers)
    }

    func refusal(_ error: UploadError, _ request: HTTPRequest, after files: Int = 0) -> HTTPReply {
        var extra: [(name: String, value: String)] = []
        if let seconds = error.retryAfter { extra.append(("retry-after", String(seconds))) }
        if request.isTus { extra += Self.tusFields }
        if case .wrongOffset(let offset) = error { extra.append(("upload-offset", String(offset))) }
        let before =
            files == 0 ? "" : files == 1 ? "; the file before it is there" : "; the \(files) files before it are there"
        guard request.wantsPage else { return .text(error.status, error.text + before, headers: extra) }
        let markup = ErrorPage.html(
            status: error.status, hostName: snapshot.hostName, detail: error.text + before + "."
        ).markup
        return HTTPReply(
            status: error.status,
            headers: SecurityFields.page.pairs + [("content-type", MediaType.html), ("cache-control", "no-store")]
                + extra, body: .bytes(Array(markup.utf8)))
    }
}

extension WebRequest {
    /// Bytes of the body, as announced.
    var contentLength: Int64? { request.header("content-length").flatMap { Int64($0) } }
}

extension HTTPRequest {
    /// Whether a person looks at the answer.
    var wantsPage: Bool { header("accept")?.contains("text/html") ?? false }

    var isTus: Bool { header("tus-resumable") != nil }

    /// Whether a browser sends this for a page that is not this host's own. Other programs do not say where from.
    var isFromElsewhere: Bool {
        let site = header("sec-fetch-site") ?? "none"
        guard site == "same-origin" || site == "none" else { return true }
        let authority = header("host")?.lowercased()
        return headers.contains { field in
            guard field.name == "origin" else { return false }
            let origin = field.value.lowercased()
            return authority == nil || !["http://", "https://"].contains { origin == $0 + (authority ?? "") }
        }
    }
}
