import DiscoveryWire

/// A datagram of multicast DNS: what is accepted stays within its limits, and is written and read again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDNS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let name = DomainName(text: String(decoding: bytes.prefix(300), as: UTF8.self)) { check(name) }
    guard var message = try? DNSMessage(decoding: bytes) else { return 0 }
    for question in message.questions { check(question.name) }
    for record in message.answers + message.authorities + message.additionals {
        check(record.name)
        if case .text(let text) = record.data { precondition(!text.encoded.isEmpty) }
        precondition(record.data.uncompressed.count < 1 << 17)
    }
    // Names and bitmaps that were compressed may not fit when written in another way.
    guard let written = message.encoded() else { return 0 }
    guard let again = try? DNSMessage(decoding: written) else { preconditionFailure("what was written is not read") }
    message.isPlain = true
    precondition(again == message, "\(message) became \(again)")
    return 0
}

private func check(_ name: DomainName) {
    precondition(name.wire.count <= DomainName.maximumLength && name.wire.last == 0)
    precondition(DomainName(text: name.description) == name, "\(name) is read differently")
    precondition(name.isWithin(name.parent))
    precondition((try? DomainName(labels: name.labels)) == name)
}
