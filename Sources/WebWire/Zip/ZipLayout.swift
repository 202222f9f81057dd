import Metainfo

/// A store-only ZIP64 archive that exists nowhere: its exact length is known from the entries' paths, lengths and times,
/// and any stretch of it can be made at any time (APPNOTE 6.3.10).
///
/// So a folder's download has a `Content-Length` and can be resumed. What it takes from the files are their bytes, and their
/// checksums, which stand behind each content (bit 3) and in the directory at the end. The layout does not depend on
/// checksums: it gives ``ZipSegment/checksum(_:)`` where one is needed that it does not have. Who streams computes it on
/// the way; who begins behind a file asks a cache or reads the file once more.
public struct ZipLayout: Sendable {
    /// The length of the archive in bytes.
    public let length: Int64
    /// The names in the archive, made safe and unlike each other, by entry.
    public let names: [String]

    let entries: [ZipRecords.Entry]
    /// Where each entry's local header begins; one more for where the directory begins.
    let offsets: [Int64]
    /// Where each entry's record in the directory begins; one more for where the end records begin.
    let centralOffsets: [Int64]
    private var checksums: [UInt32?]

    public init(_ files: [ZipEntry]) throws(ZipLayoutError) {
        let paths = PathSafety.disambiguated(
            files.map { PathSafety.safePath($0.path.map { Array($0.utf8) }) }, comparison: .exact)
        var names: [String] = []
        var entries: [ZipRecords.Entry] = []
        var offsets: [Int64] = [0]
        var end: Int64 = 0
        for (index, file) in files.enumerated() {
            let name = paths[index].joined(separator: "/") + (file.isFolder ? "/" : "")
            guard !file.path.isEmpty, name.utf8.count <= ZipRecords.limit16 else { throw .invalidPath(entry: index) }
            guard file.length >= 0, file.length < 1 << 62, end < 1 << 62 - file.length else {
                throw .invalidLength(entry: index)
            }
            let entry = ZipRecords.Entry(
                name: Array(name.utf8), length: file.length, modified: file.modified, isFolder: file.isFolder)
            end += entry.localHeaderLength + file.length + entry.descriptorLength
            names.append(name)
            entries.append(entry)
            offsets.append(end)
        }
        var central = [end]
        for (entry, offset) in zip(entries, offsets) {
            end += entry.centralLength(offset: offset)
            central.append(end)
        }
        self.names = names
        self.entries = entries
        self.offsets = offsets
        centralOffsets = central
        checksums = files.map { $0.length == 0 ? 0 : $0.crc32 }
        length = end + Int64(Self.end(entries.count, offsets, central).count)
    }

    /// Keeps a checksum; segments asked for from now on have it in place.
    public mutating func setChecksum(_ crc32: UInt32, of entry: Int) {
        if checksums.indices.contains(entry) { checksums[entry] = crc32 }
    }

    /// The checksum of an entry's content, if it is known.
    public func checksum(of entry: Int) -> UInt32? {
        checksums.indices.contains(entry) ? checksums[entry] : nil
    }

    /// The parts of a stretch of the archive in order, made one by one; the stretch is clipped to the archive.
    public func segments(_ range: Range<Int64>) -> ZipSegments {
        ZipSegments(layout: self, range: range.clamped(to: 0..<length))
    }

    /// The bytes of a part that waited for a checksum.
    public func bytes(of part: ZipChecksumPart, crc32: UInt32) -> [UInt8] {
        guard entries.indices.contains(part.entry) else { return [] }
        let entry = entries[part.entry]
        let whole =
            part.isCentral
            ? ZipRecords.central(entry, crc32: crc32, offset: offsets[part.entry])
            : ZipRecords.descriptor(entry, crc32: crc32)
        return Array(whole[part.range.clamped(to: whole.indices)])
    }

    var endRecords: [UInt8] { Self.end(entries.count, offsets, centralOffsets) }

    private static func end(_ count: Int, _ offsets: [Int64], _ central: [Int64]) -> [UInt8] {
        let start = offsets[count]
        return ZipRecords.end(entryCount: count, centralStart: start, centralLength: central[count] - start)
    }
}

/// A part of an archive.
public enum ZipSegment: Sendable, Equatable {
    /// Bytes that are sent as they are.
    case bytes([UInt8])
    /// These bytes of an entry's file.
    case content(entry: Int, range: Range<Int64>)
    /// Bytes that need the checksum of an entry: see ``ZipLayout/bytes(of:crc32:)``.
    case checksum(ZipChecksumPart)
}

/// A stretch of a record that holds the checksum of an entry.
public struct ZipChecksumPart: Sendable, Equatable {
    /// Whose checksum is needed.
    public let entry: Int
    /// How many bytes it will be.
    public var count: Int { range.count }
    let isCentral: Bool
    let range: Range<Int>
}
