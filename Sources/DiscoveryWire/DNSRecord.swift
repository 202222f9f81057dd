/// A resource record of multicast DNS.
public struct DNSRecord: Hashable, Sendable {
    public var name: DomainName
    /// 1 (Internet) everywhere in practice; without the top bit.
    public var recordClass: UInt16
    /// The top bit of the class: all records of this name and type that are older than a second are void
    /// (RFC 6762 §10.2).
    public var cacheFlush: Bool
    /// Seconds. Zero takes the record back.
    public var timeToLive: UInt32
    public var data: RecordData

    public init(
        name: DomainName, timeToLive: UInt32, cacheFlush: Bool = false, recordClass: UInt16 = 1, data: RecordData
    ) {
        self.name = name
        self.timeToLive = timeToLive
        self.cacheFlush = cacheFlush
        self.recordClass = recordClass
        self.data = data
    }

    public var type: RecordType { data.type }

    /// Whether it is the same record, however long it lives.
    public func isSame(as other: DNSRecord) -> Bool {
        recordClass == other.recordClass && data == other.data && name == other.name
    }
}

/// What a record says, by type.
public enum RecordData: Hashable, Sendable {
    /// An IPv4 address in host order.
    case a(UInt32)
    /// The halves of an IPv6 address in host order.
    case aaaa(high: UInt64, low: UInt64)
    case pointer(DomainName)
    case service(ServiceLocation)
    case text(TextRecord)
    /// The name has these types and no others (RFC 6762 §6.1).
    case noneBut(next: DomainName, types: [RecordType])
    /// A type that is not needed here, as it came.
    case unknown(RecordType, [UInt8])

    public var type: RecordType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .pointer: .ptr
        case .service: .srv
        case .text: .txt
        case .noneBut: .nsec
        case .unknown(let type, _): type
        }
    }
}

/// Where a service is: the data of an SRV record (RFC 2782).
public struct ServiceLocation: Hashable, Sendable {
    public var priority: UInt16
    public var weight: UInt16
    public var port: UInt16
    public var target: DomainName

    public init(priority: UInt16 = 0, weight: UInt16 = 0, port: UInt16, target: DomainName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// A question of multicast DNS.
public struct DNSQuestion: Hashable, Sendable {
    public var name: DomainName
    public var type: RecordType
    /// 1 (Internet) or 255 (any); without the top bit.
    public var recordClass: UInt16
    /// The top bit of the class, QU: a unicast answer will do (RFC 6762 §5.4).
    public var unicastReply: Bool

    public init(name: DomainName, type: RecordType, unicastReply: Bool = false, recordClass: UInt16 = 1) {
        self.name = name
        self.type = type
        self.unicastReply = unicastReply
        self.recordClass = recordClass
    }

    /// Whether a record answers it.
    public func isAnswered(by record: DNSRecord) -> Bool {
        type.matches(record.type) && (recordClass == 255 || recordClass == record.recordClass) && name == record.name
    }
}
