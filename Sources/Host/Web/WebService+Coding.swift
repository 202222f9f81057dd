import Storage
import Synchronization
import Transport
import WebPages
import WebWire

/// Compression, where it helps: of what this host makes itself and of short texts in shares (RFC 9110 §8.4).
///
/// Not of the owner's pages: what is compressed together with something that a stranger can choose tells its length, and so
/// step by step what it is (BREACH), and those pages hold what is the owner's alone; on loopback nothing would be won.
extension WebService {
    /// The longest text of a share that is compressed: while it is, it is in memory.
    static let maximumCodedLength: Int64 = 256 << 10

    static func coding(for asked: WebRequest) -> AcceptEncoding.Coding? {
        AcceptEncoding(asked.request.headers.filter { $0.name == "accept-encoding" }.map(\.value)).preferred
    }

    /// An answer with these bytes, coded as the client wishes. HEAD is answered the same.
    ///
    /// - Parameter known: the bytes in `gzip`, where somebody has them already.
    func answer(
        _ bytes: [UInt8], _ asked: WebRequest, status: Int = 200, headers: [(name: String, value: String)],
        gzip known: [UInt8]? = nil
    ) -> HTTPReply {
        var headers = headers + [("vary", "Accept-Encoding")]
        switch Self.coding(for: asked) {
        case nil: return notAcceptable()
        case .identity: break
        case .gzip:
            guard let coded = known ?? Gzip.encode(bytes) else { break }
            headers.append(("content-encoding", "gzip"))
            return HTTPReply(status: status, headers: headers, body: .bytes(coded))
        }
        return HTTPReply(status: status, headers: headers, body: .bytes(bytes))
    }

    func notAcceptable() -> HTTPReply {
        errorPage(406, extra: ["Vary": "Accept-Encoding"])
    }

    /// A short text of a share in `gzip`; nil if it is to be sent as it is. Its tag is weak and another than that of the
    /// text itself, and it has neither ranges nor digests, which are those of the text.
    func codedDownload(_ asked: WebRequest, _ file: WebFile, type: String, extra: HeaderFields) async -> HTTPReply? {
        guard Self.isCoded(type), file.length >= Gzip.usefulLength, file.length <= Self.maximumCodedLength,
            asked.request.header("range") == nil, Self.coding(for: asked) == .gzip
        else { return nil }
        let coded = await pool.spread { (try? file.open().read(0..<file.length)).flatMap { Gzip.encode($0) } }
        guard let coded else { return nil }
        let tag = file.entityTag.flatMap { EntityTag(opaque: $0.opaque + "-gzip", isWeak: true) }
        var extra = extra
        extra.append("Content-Encoding", "gzip")
        let content = Representation(
            length: Int64(coded.count), mediaType: type,
            validators: Validators(entityTag: tag, lastModified: file.modified), extraFields: extra, hasRanges: false)
        let answer = ContentAnswer(
            to: asked.method, fields: asked.fields, of: content, now: Self.now, boundary: Self.boundary())
        guard asked.method == .get, !answer.body.isEmpty else { return reply(answer, nil) }
        return HTTPReply(status: answer.status, headers: answer.fields.pairs, body: .bytes(coded))
    }

    /// Whether files of this type may be sent in another coding.
    static func isCoded(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasPrefix("application/json") || type == "image/svg+xml"
    }
}

/// What pages load, in both codings.
enum CodedAssets {
    private static let gzip = Mutex<[String: [UInt8]]>([:])

    static func gzip(_ asset: WebAsset) -> [UInt8]? {
        if let known = gzip.withLock({ $0[asset.rawValue] }) { return known }
        guard let made = Gzip.encode(asset.bytes, level: 9) else { return nil }
        gzip.withLock { $0[asset.rawValue] = made }
        return made
    }
}
