import DiscoveryWire

/// A datagram of local service discovery: what is accepted is written and read again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBEP14(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // Unchanged, and with the beginning that the fuzzer would have to find first.
    check(bytes)
    check(Array("BT-SEARCH * HTTP/1.1\r\n".utf8) + bytes)
    return 0
}

private func check(_ bytes: [UInt8]) {
    guard let search = try? LocalSearch(decoding: bytes) else { return }
    precondition(search.port != 0 && (1...LocalSearch.maximumHashes).contains(search.infoHashes.count))
    // A cookie of bytes that are no text becomes another.
    guard search.cookie?.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) ?? true,
        search.cookie != ""
    else { return }
    precondition((try? LocalSearch(decoding: search.encoded(ipv6: false))) == search)
    precondition((try? LocalSearch(decoding: search.encoded(ipv6: true))) == search)
}
