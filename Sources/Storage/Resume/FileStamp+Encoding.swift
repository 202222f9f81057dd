// Records hold stamps as fixed entries rather than bencoded, since a folder may have 100,000 files.
extension FileStamp {
    static let encodedLength = 24

    /// A list in which nil (no file, or a padding file) is an entry with a negative size.
    static func encode(_ stamps: [FileStamp?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(stamps.count * encodedLength)
        for stamp in stamps { encode(stamp, into: &bytes) }
        return bytes
    }

    /// Nil unless there are exactly as many entries as expected.
    static func decode(_ bytes: [UInt8], count: Int) -> [FileStamp?]? {
        guard bytes.count.isMultiple(of: encodedLength), bytes.count / encodedLength == count else { return nil }
        return stride(from: 0, to: bytes.count, by: encodedLength).map { decode(bytes[$0..<$0 + encodedLength]) }
    }

    private static func encode(_ stamp: FileStamp?, into bytes: inout [UInt8]) {
        let words = [
            UInt64(bitPattern: stamp?.size ?? -1), UInt64(bitPattern: stamp?.modified ?? 0), stamp?.inode ?? 0,
        ]
        for word in words {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> FileStamp? {
        let words = stride(from: bytes.startIndex, to: bytes.endIndex, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        let size = Int64(bitPattern: words[0])
        guard size >= 0 else { return nil }
        return FileStamp(size: size, modified: Int64(bitPattern: words[1]), inode: words[2])
    }
}
