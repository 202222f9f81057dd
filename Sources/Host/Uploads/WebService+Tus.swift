import Transport
import WebPages
import WebWire

/// Uploads that can be resumed: tus 1.0.0 with its extensions creation, creation-with-upload, expiration and
/// termination. A folder of an inbox is where uploads are created; each then has an address of its own.
extension WebService {
    static let tusVersion = "1.0.0"
    static let tusFields: [(name: String, value: String)] = [
        ("tus-resumable", tusVersion), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"),
    ]
    private static let tusMediaType = "application/offset+octet-stream"

    /// What this host can do (`OPTIONS`).
    func tusOptions(_ limit: Int64) -> HTTPReply {
        HTTPReply(
            status: 204,
            headers: Self.tusFields + [
                ("tus-version", Self.tusVersion),
                ("tus-extension", "creation,creation-with-upload,expiration,termination"),
                ("tus-max-size", String(limit)), ("allow", "GET, HEAD, POST, PUT, OPTIONS"),
            ])
    }

    private func checkVersion(_ asked: WebRequest) -> HTTPReply? {
        guard asked.request.header("tus-resumable") != Self.tusVersion else { return nil }
        return HTTPReply(status: 412, headers: Self.tusFields + [("tus-version", Self.tusVersion)])
    }

    func tusCreate(
        _ asked: WebRequest, _ inbox: Inbox, _ folder: [String], _ body: HTTPBodyStream, _ sender: UploadSender
    ) async throws -> HTTPReply {
        if let refusal = checkVersion(asked) { return refusal }
        guard let length = asked.number("upload-length") else {
            throw UploadError.malformed("Upload-Length must tell how long the file is")
        }
        guard let metadata = UploadMetadata(parsing: asked.request.header("upload-metadata") ?? "") else {
            throw UploadError.malformed("Upload-Metadata cannot be read")
        }
        let id = try await uploads.begin(
            in: inbox, at: folder + (metadata.path ?? ["upload"]), length: length, from: sender, isResumable: true)
        var offset: Int64 = 0
        if asked.request.header("content-type") == Self.tusMediaType {
            // What did not arrive can be sent later: the upload is there whatever becomes of this request.
            try? await uploads.receive(body, at: 0, of: id)
            offset = (try? await uploads.state(of: id))?.offset ?? 0
        }
        let path = offset == length ? try await uploads.finish(id) : nil
        return try await tusReply(201, id, inbox.name, path, [("location", WebRoute.upload(id: id).url.text)])
    }

    func tusPatch(_ asked: WebRequest, _ id: String, _ body: HTTPBodyStream) async throws -> HTTPReply {
        if let refusal = checkVersion(asked) { return refusal }
        guard asked.request.header("content-type") == Self.tusMediaType else {
            return .text(415, "the type of the content must be \(Self.tusMediaType)", headers: Self.tusFields)
        }
        guard let offset = asked.number("upload-offset") else {
            throw UploadError.malformed("Upload-Offset must tell where this goes")
        }
        let before = try await uploads.state(of: id)
        guard before.offset == offset else { throw UploadError.wrongOffset(before.offset) }
        if let done = before.place { return try await tusReply(204, id, done.share, done.path) }
        if let length = before.length, let more = asked.contentLength, more > length - offset {
            throw UploadError.tooLong
        }
        try await uploads.receive(body, at: offset, of: id)
        let after = try await uploads.state(of: id)
        guard after.offset == after.length, after.place == nil else { return try await tusReply(204, id, "", nil) }
        let path = try await uploads.finish(id)
        return try await tusReply(204, id, try await uploads.state(of: id).place?.share ?? "", path)
    }

    /// `X-HTTP-Method-Override`, for clients that can only GET and POST.
    func tusOverride(_ asked: WebRequest, _ id: String, _ body: HTTPBodyStream) async throws -> HTTPReply {
        switch asked.request.header("x-http-method-override") {
        case "PATCH": return try await tusPatch(asked, id, body)
        case "DELETE": return await tusDelete(asked, id)
        case "HEAD": return await tusHead(asked, id)
        default: return errorPage(405, extra: ["Allow": "HEAD, PATCH, DELETE, OPTIONS"])
        }
    }

    func tusHead(_ asked: WebRequest, _ id: String) async -> HTTPReply {
        if let refusal = checkVersion(asked) { return refusal }
        do {
            let state = try await uploads.state(of: id)
            return try await tusReply(200, id, state.place?.share ?? "", state.place?.path)
        } catch {
            return refusal(UploadError(error), asked.request)
        }
    }

    func tusDelete(_ asked: WebRequest, _ id: String) async -> HTTPReply {
        if let refusal = checkVersion(asked) { return refusal }
        do {
            try await uploads.cancel(id)
            return HTTPReply(status: 204, headers: Self.tusFields)
        } catch {
            return refusal(UploadError(error), asked.request)
        }
    }

    /// - Parameter path: where the file is, once it is whole; its address is told as `Content-Location`.
    private func tusReply(
        _ status: Int, _ id: String, _ share: String, _ path: [String]?, _ more: [(name: String, value: String)] = []
    ) async throws -> HTTPReply {
        let state = try await uploads.state(of: id)
        var headers = Self.tusFields + more + [("upload-offset", String(state.offset))]
        if status == 200, let length = state.length { headers.append(("upload-length", String(length))) }
        if let expires = state.expires {
            headers.append(("upload-expires", HTTPDate(secondsSinceEpoch: expires).description))
        }
        if let path {
            headers.append(("content-location", WebRoute.content(share: share, path: path, isFolder: false).url.text))
        }
        return HTTPReply(status: status, headers: headers)
    }
}

extension WebRequest {
    /// The value of a field that is a number of bytes.
    fileprivate func number(_ name: String) -> Int64? {
        guard let text = request.header(name), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}
