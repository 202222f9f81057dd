/// What tells one state of a resource from another (RFC 9110 §8.8).
public struct Validators: Sendable, Equatable {
    public var entityTag: EntityTag?
    public var lastModified: HTTPDate?

    public init(entityTag: EntityTag?, lastModified: HTTPDate?) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }
}

/// The conditions of a request (RFC 9110 §13).
public struct Preconditions: Sendable, Equatable {
    /// What the conditions say about the request.
    public enum Outcome: Sendable, Equatable {
        /// Go on as if there were no conditions.
        case proceed
        /// 304
        case notModified
        /// 412
        case failed
    }

    private enum RangeCondition: Equatable {
        case tag(EntityTag)
        case date(HTTPDate)
        /// It is there, but cannot be read, and so nothing matches it.
        case unreadable
    }

    private let ifMatch: EntityTagCondition?
    private let ifUnmodifiedSince: HTTPDate?
    private let ifNoneMatch: EntityTagCondition?
    private let ifModifiedSince: HTTPDate?
    private let ifRange: RangeCondition?

    public init(_ fields: HeaderFields, now: HTTPDate) {
        let date = { (name: String) in fields.single(name).flatMap { HTTPDate(parsing: $0, now: now) } }
        // A list of tags that cannot be read has no tag that matches.
        let tags = { (name: String) in fields.list(name).map { EntityTagCondition(parsing: $0) ?? .tags([]) } }
        ifMatch = tags("If-Match")
        ifUnmodifiedSince = date("If-Unmodified-Since")
        ifNoneMatch = tags("If-None-Match")
        ifModifiedSince = date("If-Modified-Since")
        ifRange = fields.list("If-Range").map { text in
            if let tag = EntityTag(parsing: text) { return .tag(tag) }
            return HTTPDate(parsing: text, now: now).map { .date($0) } ?? .unreadable
        }
    }

    /// Goes through the conditions in the order of §13.2.2. `current` is nil where there is nothing yet.
    ///
    /// `isReading`: the method is GET or HEAD.
    public func evaluate(_ current: Validators?, isReading: Bool) -> Outcome {
        if let ifMatch {
            if !Self.matches(ifMatch, current, by: { $0.stronglyMatches($1) }) { return .failed }
        } else if let ifUnmodifiedSince, let modified = current?.lastModified {
            if modified > ifUnmodifiedSince { return .failed }
        }
        if let ifNoneMatch {
            if Self.matches(ifNoneMatch, current, by: { $0.weaklyMatches($1) }) {
                return isReading ? .notModified : .failed
            }
        } else if isReading, let ifModifiedSince, let modified = current?.lastModified {
            if modified <= ifModifiedSince { return .notModified }
        }
        return .proceed
    }

    /// Whether a `Range` counts (§13.1.5): there is no `If-Range`, or it names the present state exactly.
    ///
    /// A date names it only if nothing can have changed within its second any more.
    public func allowsRange(_ current: Validators, now: HTTPDate) -> Bool {
        switch ifRange {
        case nil: true
        case .tag(let tag): current.entityTag.map { $0.stronglyMatches(tag) } ?? false
        case .date(let date): current.lastModified == date && date.secondsSinceEpoch < now.secondsSinceEpoch
        case .unreadable: false
        }
    }

    private static func matches(
        _ condition: EntityTagCondition, _ current: Validators?, by compare: (EntityTag, EntityTag) -> Bool
    ) -> Bool {
        switch condition {
        case .any: current != nil
        case .tags(let tags):
            current?.entityTag.map { tag in tags.contains { compare($0, tag) } } ?? false
        }
    }
}
