import Bencode

/// Both modes, and what must hold between them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBencode(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let strict = try? BencodeDecoder(mode: .strict, limits: .file).decode(bytes)
    let lenient = try? BencodeDecoder(mode: .lenient, limits: .file).decode(bytes)
    if let strict {
        precondition(strict.encoded() == bytes, "a strictly read value is written differently")
        precondition(lenient == strict, "the lenient mode reads a strict value differently")
    }
    if let lenient {
        checkRanges(lenient, within: 0..<bytes.count)
        // Keys may come out in another order once, and then no more.
        let written = lenient.encoded()
        precondition((try? BencodeDecoder(mode: .lenient, limits: .file).decode(written)) != nil)
    }
    if let (_, consumed) = try? BencodeDecoder(mode: .lenient, limits: .network).decodePrefix(bytes) {
        precondition(consumed > 0 && consumed <= bytes.count)
        precondition((try? BencodeDecoder(mode: .lenient, limits: .network).decode(Array(bytes[..<consumed]))) != nil)
    }
    return 0
}

private func checkRanges(_ value: BencodeValue, within range: Range<Int>) {
    var open = [(value, range)]
    while let (value, range) = open.popLast() {
        for item in value.list ?? [] { open.append((item, range)) }
        for entry in value.dictionary?.entries ?? [] {
            let inner = entry.valueRange
            precondition(inner.lowerBound >= range.lowerBound && inner.upperBound <= range.upperBound)
            open.append((entry.value, inner))
        }
    }
}
