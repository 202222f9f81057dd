/// Writes one message, never longer than its limit: what does not fit any more is refused and leaves no trace.
///
/// Sections come in the order of the message; what belongs to an earlier section than the last one is refused.
public struct DNSWriter: Sendable {
    /// A part of the message.
    public enum Section: Int, Comparable, Sendable {
        case question, answer, authority, additional

        public static func < (left: Section, right: Section) -> Bool { left.rawValue < right.rawValue }
    }

    /// Beyond the places that a pointer can name.
    private static let pointerLimit = 0x4000
    private static let headerLength = 12

    private var bytes: [UInt8]
    private let limit: Int
    private let compresses: Bool
    private var counts = [0, 0, 0, 0]
    private var section = Section.question
    /// Where each name, and each end of one, was written first.
    private var places: [ArraySlice<UInt8>: Int] = [:]

    /// - Parameter compressesService: whether the target of SRV records may be compressed, which only receivers of
    ///   multicast DNS can read (RFC 6762 §18.14).
    public init(
        id: UInt16 = 0, isResponse: Bool, limit: Int = DNSMessage.maximumLength, compressesService: Bool = true
    ) {
        bytes =
            [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), isResponse ? 0x84 : 0] + [UInt8](repeating: 0, count: 9)
        self.limit = max(Self.headerLength, min(limit, DNSMessage.maximumLength))
        compresses = compressesService
    }

    public var isEmpty: Bool { counts == [0, 0, 0, 0] }

    /// Marks that more known answers follow in another message.
    public mutating func setTruncated() {
        bytes[2] |= 0x02
    }

    /// - Returns: false if it does not fit.
    public mutating func add(_ question: DNSQuestion) -> Bool {
        add(to: .question) { writer, names in
            writer.append(question.name, &names)
            writer.append(question.type.rawValue)
            writer.append(question.recordClass | (question.unicastReply ? 0x8000 : 0))
            return true
        }
    }

    /// - Returns: false if it does not fit.
    public mutating func add(_ record: DNSRecord, to section: Section) -> Bool {
        add(to: section) { writer, names in
            writer.append(record.name, &names)
            writer.append(record.type.rawValue)
            writer.append(record.recordClass | (record.cacheFlush ? 0x8000 : 0))
            writer.append(UInt16(truncatingIfNeeded: record.timeToLive >> 16))
            writer.append(UInt16(truncatingIfNeeded: record.timeToLive))
            let lengthAt = writer.bytes.count
            writer.append(UInt16(0))
            writer.append(record.data, &names)
            guard let length = UInt16(exactly: writer.bytes.count - lengthAt - 2) else { return false }
            writer.bytes[lengthAt] = UInt8(length >> 8)
            writer.bytes[lengthAt + 1] = UInt8(truncatingIfNeeded: length)
            return true
        }
    }

    /// The message.
    public func finished() -> [UInt8] {
        var message = bytes
        for (index, count) in counts.enumerated() {
            message[4 + 2 * index] = UInt8(count >> 8)
            message[5 + 2 * index] = UInt8(truncatingIfNeeded: count)
        }
        return message
    }

    // MARK: Helpers

    private mutating func add(
        to section: Section, _ write: (inout DNSWriter, inout [ArraySlice<UInt8>: Int]) -> Bool
    ) -> Bool {
        guard section >= self.section, counts[section.rawValue] < Int(UInt16.max) else { return false }
        let start = bytes.count
        var names: [ArraySlice<UInt8>: Int] = [:]
        guard write(&self, &names), bytes.count <= limit else {
            bytes.removeLast(bytes.count - start)
            return false
        }
        places.merge(names) { first, _ in first }
        counts[section.rawValue] += 1
        self.section = section
        return true
    }

    private mutating func append(_ value: UInt16) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    /// A name, its end as a pointer if that was written before. `names` takes the places that become valid with it.
    private mutating func append(
        _ name: DomainName, _ names: inout [ArraySlice<UInt8>: Int], compressing: Bool = true
    ) {
        var at = 0
        while name.wire[at] != 0 {
            let rest = name.folded[at...]
            if compressing, let place = places[rest] ?? names[rest] {
                append(UInt16(0xC000 | place))
                return
            }
            if bytes.count < Self.pointerLimit, names[rest] == nil, places[rest] == nil { names[rest] = bytes.count }
            let end = at + 1 + Int(name.wire[at])
            bytes += name.wire[at..<end]
            at = end
        }
        bytes.append(0)
    }

    private mutating func append(_ data: RecordData, _ names: inout [ArraySlice<UInt8>: Int]) {
        switch data {
        case .pointer(let target):
            append(target, &names)
        case .service(let location):
            append(location.priority)
            append(location.weight)
            append(location.port)
            append(location.target, &names, compressing: compresses)
        case .noneBut(let next, let types):
            append(next, &names)
            bytes += RecordData.bitmap(types)
        default:
            bytes += data.uncompressed
        }
    }
}

extension DNSMessage {
    /// The message as bytes; nil if it is longer than ``maximumLength``.
    public func encoded() -> [UInt8]? {
        var writer = DNSWriter(id: id, isResponse: isResponse)
        if isTruncated { writer.setTruncated() }
        for question in questions { guard writer.add(question) else { return nil } }
        let sections: [(DNSWriter.Section, [DNSRecord])] = [
            (.answer, answers), (.authority, authorities), (.additional, additionals),
        ]
        for (section, records) in sections {
            for record in records { guard writer.add(record, to: section) else { return nil } }
        }
        return writer.finished()
    }
}
