import WebWire

/// What a browser or a web server sends: a path, a field, a form. What is accepted is written and read again the same, stays
/// within its bounds, and a form gives the same however it is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPFields(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    checkPath(text)
    checkFields(text)
    let whole = form(bytes, cut: bytes.count + 1)
    precondition(whole == form(bytes, cut: 1 + Int(bytes.first ?? 0) % 40), "a form depends on how it is cut")
    return 0
}

private func checkPath(_ text: String) {
    guard let path = try? RequestPath(target: text) else { return }
    for component in path.components {
        precondition(!component.isEmpty && component != "." && component != "..")
        precondition(!component.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 })
    }
    _ = path.parameters
}

private func checkFields(_ text: String) {
    let now = HTTPDate(secondsSinceEpoch: 1_795_572_000)
    if let date = HTTPDate(parsing: text, now: now) {
        precondition(HTTPDate(parsing: date.description, now: now) == date)
    }
    if let range = RangeRequest(parsing: text) {
        precondition(RangeRequest(parsing: range.description) == range)
        if case .several(let ranges) = range.resolve(length: 1000) {
            precondition(ranges.reduce(0) { $0 + $1.count } <= 1000)
        }
    }
    if let range = ContentRange(parsing: text) { precondition(ContentRange(parsing: range.description) == range) }
    if let tag = EntityTag(parsing: text) { precondition(EntityTag(parsing: tag.description) == tag) }
    for link in Link.list(parsing: text) { precondition(Link.list(parsing: link.description).count == 1) }
    var fields = HeaderFields()
    for name in [
        "Repr-Digest", "Digest", "Content-Digest", "Want-Digest", "Want-Repr-Digest", "If-Match", "If-Range", "Range",
    ] {
        fields.append(name, text)
    }
    precondition((DigestFields.representation(of: fields)?.count ?? 32) == 32)
    let file = Representation(
        length: 1000, mediaType: MediaType.binary,
        validators: Validators(entityTag: EntityTag(opaque: "a"), lastModified: now))
    let answer = ContentAnswer(to: .get, fields: fields, of: file, now: now, boundary: "B")
    precondition([200, 206, 304, 412, 416].contains(answer.status))
    _ = RetryAfter(parsing: text, now: now)
    precondition(AcceptEncoding([text, "identity;q=1", "gzip;q=0"]).preferred != nil || text.contains(","))
    checkAddresses(text)
    checkSeedAnswers(text, now)
    _ = FormDataParser(contentType: text)
    if let metadata = UploadMetadata(parsing: text) {
        // Without a value or with an empty one is the same.
        precondition(UploadMetadata(parsing: metadata.description) == metadata)
        precondition(metadata.path.map { !$0.isEmpty && !$0.contains("..") } ?? true)
    }
}

/// What a web seed sends: what is taken for bytes is a stretch of the file that holds the first one asked for.
private func checkSeedAnswers(_ text: String, _ now: HTTPDate) {
    let fields: HeaderFields = [
        "Content-Range": text, "Content-Length": text, "Retry-After": text, "Location": text,
    ]
    for status in [200, 206, 302, 416, 503] {
        switch SeedAnswer(status: status, fields: fields, range: 100..<200, length: 1000, now: now) {
        case .bytes(let begin, let end):
            precondition((0...100).contains(begin) && (end.map { (101...1000).contains($0) } ?? (status == 200)))
        case .busy(_, let wait): precondition(wait.map { (0...3600).contains($0) } ?? true)
        case .redirect, .missing: break
        }
    }
}

/// What a client reads: addresses, pages, names, digests.
private func checkAddresses(_ text: String) {
    if let url = try? HTTPURL(parsing: text) {
        precondition((try? HTTPURL(parsing: url.description)) == url, "an address is read again as another")
        precondition(url.target.utf8.allSatisfy { (0x21..<0x7F).contains($0) } && url.target.hasPrefix("/"))
        precondition(url.authority.utf8.allSatisfy { (0x21..<0x7F).contains($0) })
    }
    if let base = try? HTTPURL(parsing: "http://a/b/c/d;p?q"), let url = try? base.resolving(text) {
        precondition(!url.path.split(separator: "/").contains { $0 == "." || $0 == ".." })
        precondition(url.target.utf8.allSatisfy { (0x21..<0x7F).contains($0) })
    }
    _ = PageLinks.first(ofType: "application/x-bittorrent", in: text.utf8)
    if let name = ContentDisposition.fileName(of: text) { precondition(!name.contains(UInt8(ascii: "/"))) }
    let claim = DigestFields.claim(of: ["Repr-Digest": text, "Digest": text])
    precondition(claim.map { $0.bytes.count == $0.algorithm.length } ?? true)
}

private struct Form: Equatable {
    var parts: [FormDataPart] = []
    var contents: [[UInt8]] = []
    var isComplete = false
}

/// Nil for what is no form.
private func form(_ bytes: [UInt8], cut: Int) -> Form? {
    guard var parser = FormDataParser(contentType: "multipart/form-data; boundary=B") else { return nil }
    var form = Form()
    for start in stride(from: 0, to: bytes.count, by: cut) {
        guard let events = try? parser.append(Array(bytes[start..<min(start + cut, bytes.count)])) else { return nil }
        for event in events {
            switch event {
            case .began(let part):
                form.parts.append(part)
                form.contents.append([])
            case .data(let data): form.contents[form.contents.count - 1] += data
            case .ended: break
            }
        }
        precondition(parser.bufferedBytes <= 8192 + 8)
    }
    form.isComplete = parser.isComplete
    return form
}
