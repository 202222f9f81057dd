/// The methods that are answered with content.
public enum ReadingMethod: Sendable, Equatable {
    case get
    case head
}

/// The answer to a GET or HEAD for a ``Representation``: status, fields and where the body's bytes come from.
///
/// Conditions first, then the range (RFC 9110 §13.2, §14.2). Nothing is read here: the body names stretches of the file.
public struct ContentAnswer: Sendable, Equatable {
    public let status: Int
    public let fields: HeaderFields
    /// Empty for HEAD, 304, 412 and 416.
    public let body: [BodySegment]

    /// `boundary` separates the parts if there are several; see ``MultipartByteRanges/boundary``.
    public init(
        to method: ReadingMethod, fields request: HeaderFields, of content: Representation, now: HTTPDate,
        boundary: String
    ) {
        let conditions = Preconditions(request, now: now)
        switch conditions.evaluate(content.validators, isReading: true) {
        case .failed:
            self.init(status: 412, fields: ["Content-Length": "0"], body: [])
        case .notModified:
            self.init(status: 304, fields: content.commonFields, body: [])
        case .proceed:
            var selection = RangeSelection.whole
            // Ranges belong to GET alone (§14.2).
            if method == .get, content.hasRanges,
                let range = request.single("Range").flatMap({ RangeRequest(parsing: $0) }),
                conditions.allowsRange(content.validators, now: now)
            {
                selection = range.resolve(length: content.length)
            }
            let answer = Self.answer(selection, of: content, wanted: WantedDigests(request), boundary: boundary)
            self.init(status: answer.status, fields: answer.fields, body: method == .head ? [] : answer.body)
        }
    }

    private init(status: Int, fields: HeaderFields, body: [BodySegment]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    private static func answer(
        _ selection: RangeSelection, of content: Representation, wanted: WantedDigests, boundary: String
    ) -> ContentAnswer {
        var fields = content.commonFields
        let body: [BodySegment]
        var mediaType = content.mediaType
        switch selection {
        case .unsatisfiable:
            let range = ContentRange.unsatisfied(length: content.length).description
            return ContentAnswer(status: 416, fields: ["Content-Range": range, "Content-Length": "0"], body: [])
        case .whole:
            body = content.length > 0 ? [.content(0..<content.length)] : []
            if let sha256 = content.sha256, wanted.content { DigestFields.appendContent(sha256, to: &fields) }
        case .single(let range):
            body = [.content(range)]
            fields.append("Content-Range", ContentRange.range(range, length: content.length).description)
        case .several(let ranges):
            let parts = MultipartByteRanges(
                ranges: ranges, length: content.length, mediaType: content.mediaType, boundary: boundary)
            body = parts.segments
            mediaType = parts.contentType
        }
        if let sha256 = content.sha256, wanted.representation { DigestFields.appendRepresentation(sha256, to: &fields) }
        fields.append("Content-Type", mediaType)
        fields.append("Content-Length", String(body.reduce(0) { $0 + $1.count }))
        return ContentAnswer(status: selection == .whole ? 200 : 206, fields: fields, body: body)
    }
}

extension Representation {
    /// What 200, 206 and 304 have in common (RFC 9110 §15.3.7, §15.4.5).
    fileprivate var commonFields: HeaderFields {
        var fields: HeaderFields = ["Accept-Ranges": hasRanges ? "bytes" : "none"]
        if let tag = validators.entityTag { fields.append("ETag", tag.description) }
        if let date = validators.lastModified { fields.append("Last-Modified", date.description) }
        fields.append(contentsOf: extraFields)
        return fields
    }
}
