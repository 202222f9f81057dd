import Metainfo

/// A magnet link: what is accepted is written and read again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMagnet(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    // Unchanged, and with the beginning that the fuzzer would have to find first.
    check(text)
    check("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&" + text)
    return 0
}

private func check(_ text: String) {
    guard let magnet = try? MagnetLink(parsing: text) else { return }
    let written = magnet.description
    // Percent coding may lengthen a link beyond what is read.
    guard written.utf8.count <= MagnetLink.maximumLength else { return }
    precondition((try? MagnetLink(parsing: written)) == magnet, "\(text) became \(written)")
}
