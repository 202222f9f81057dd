/// A message of multicast DNS (RFC 6762 §18).
public struct DNSMessage: Hashable, Sendable {
    /// Most bytes of a message (RFC 6762 §17).
    public static let maximumLength = 9000

    public var id: UInt16
    public var isResponse: Bool
    /// Operation and response codes other than zero: such messages are ignored.
    public var isPlain: Bool
    /// More known answers follow in another message.
    public var isTruncated: Bool
    public var questions: [DNSQuestion]
    public var answers: [DNSRecord]
    public var authorities: [DNSRecord]
    public var additionals: [DNSRecord]

    public init(
        id: UInt16 = 0, isResponse: Bool, isTruncated: Bool = false, questions: [DNSQuestion] = [],
        answers: [DNSRecord] = [], authorities: [DNSRecord] = [], additionals: [DNSRecord] = []
    ) {
        self.id = id
        self.isResponse = isResponse
        isPlain = true
        self.isTruncated = isTruncated
        self.questions = questions
        self.answers = answers
        self.authorities = authorities
        self.additionals = additionals
    }
}
