/// What a resource is at this moment: a file, or an archive of a folder.
public struct Representation: Sendable, Equatable {
    public var length: Int64
    public var mediaType: String
    public var validators: Validators
    /// The SHA-256 over all of it, 32 bytes, where it is known.
    public var sha256: [UInt8]?
    /// Fields that every answer about it carries, such as `Link`, `Cache-Control`, `Content-Disposition`.
    public var extraFields: HeaderFields
    /// Whether parts of it can be asked for.
    public var hasRanges: Bool

    public init(
        length: Int64, mediaType: String, validators: Validators, sha256: [UInt8]? = nil,
        extraFields: HeaderFields = HeaderFields(), hasRanges: Bool = true
    ) {
        self.length = length
        self.mediaType = mediaType
        self.validators = validators
        self.sha256 = sha256
        self.extraFields = extraFields
        self.hasRanges = hasRanges
    }
}
