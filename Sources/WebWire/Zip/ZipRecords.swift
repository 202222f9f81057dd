/// The records of a ZIP archive (APPNOTE 6.3.10), written byte by byte, little-endian.
struct ZipRecords {
    /// Sizes and offsets from here on need the ZIP64 form.
    static let limit32: Int64 = 0xFFFF_FFFF
    static let limit16 = 0xFFFF

    /// One entry, as far as its records need it.
    struct Entry {
        let name: [UInt8]
        let length: Int64
        let modified: HTTPDate
        let isFolder: Bool

        var isLarge: Bool { length >= limit32 }
        /// The checksum stands behind the content instead of before it. Nothing stands behind nothing.
        var hasDescriptor: Bool { length > 0 }
        var descriptorLength: Int64 { hasDescriptor ? (isLarge ? 24 : 16) : 0 }
        var localHeaderLength: Int64 { Int64(30 + name.count + timeExtra.count + (isLarge ? 20 : 0)) }
        var flags: Int { 1 << 11 | (hasDescriptor ? 1 << 3 : 0) }

        func centralLength(offset: Int64) -> Int64 {
            Int64(46 + name.count + timeExtra.count + centralZip64(offset: offset).count)
        }

        /// "Extended timestamp" (0x5455): seconds in UTC, since the two old fields are local time to two seconds.
        var timeExtra: [UInt8] {
            guard let seconds = Int32(exactly: modified.secondsSinceEpoch) else { return [] }
            return ZipWriter.bytes { $0.u16(0x5455).u16(5).u8(1).u32(Int64(seconds)) }
        }

        func centralZip64(offset: Int64) -> [UInt8] {
            let fields = (isLarge ? [length, length] : []) + (offset >= limit32 ? [offset] : [])
            guard !fields.isEmpty else { return [] }
            return ZipWriter.bytes { writer in
                writer.u16(1).u16(fields.count * 8)
                for field in fields { writer.u64(field) }
            }
        }

        /// Date and time as MS-DOS had them, here in UTC; they reach from 1980 to 2107.
        var dosTime: (time: Int, date: Int) {
            let first: Int64 = 315_532_800
            let last: Int64 = 4_354_819_198
            let civil = CivilTime(secondsSinceEpoch: min(max(modified.secondsSinceEpoch, first), last))
            return (
                civil.hour << 11 | civil.minute << 5 | civil.second / 2,
                (Int(civil.year) - 1980) << 9 | civil.month << 5 | civil.day
            )
        }
    }

    static func localHeader(_ entry: Entry) -> [UInt8] {
        ZipWriter.bytes { writer in
            writer.u32(0x0403_4B50).u16(entry.isLarge ? 45 : 20).u16(entry.flags).u16(0)
            writer.u16(entry.dosTime.time).u16(entry.dosTime.date)
            // Checksum and sizes come after the content (§4.4.4, bit 3).
            writer.u32(0).u32(entry.isLarge ? limit32 : 0).u32(entry.isLarge ? limit32 : 0)
            writer.u16(entry.name.count).u16(entry.timeExtra.count + (entry.isLarge ? 20 : 0))
            writer.raw(entry.name)
            // It says that the sizes behind the content have eight bytes each (§4.3.9.2).
            if entry.isLarge { writer.u16(1).u16(16).u64(0).u64(0) }
            writer.raw(entry.timeExtra)
        }
    }

    static func descriptor(_ entry: Entry, crc32: UInt32) -> [UInt8] {
        ZipWriter.bytes { writer in
            writer.u32(0x0807_4B50).u32(Int64(crc32))
            if entry.isLarge {
                writer.u64(entry.length).u64(entry.length)
            } else {
                writer.u32(entry.length).u32(entry.length)
            }
        }
    }

    static func central(_ entry: Entry, crc32: UInt32, offset: Int64) -> [UInt8] {
        let zip64 = entry.centralZip64(offset: offset)
        let size = entry.isLarge ? limit32 : entry.length
        // Made on Unix: a folder with mode 0755, a file with 0644; the lowest byte is MS-DOS's "folder".
        let attributes: Int64 = entry.isFolder ? 0o40755 << 16 | 0x10 : 0o100644 << 16
        return ZipWriter.bytes { writer in
            writer.u32(0x0201_4B50).u16(3 << 8 | 45).u16(zip64.isEmpty ? 20 : 45).u16(entry.flags).u16(0)
            writer.u16(entry.dosTime.time).u16(entry.dosTime.date)
            writer.u32(Int64(crc32)).u32(size).u32(size)
            writer.u16(entry.name.count).u16(zip64.count + entry.timeExtra.count).u16(0).u16(0).u16(0)
            writer.u32(attributes).u32(min(offset, limit32))
            writer.raw(entry.name).raw(zip64).raw(entry.timeExtra)
        }
    }

    /// What stands at the end: the ZIP64 records where they are needed, then the old one.
    static func end(entryCount: Int, centralStart: Int64, centralLength: Int64) -> [UInt8] {
        ZipWriter.bytes { writer in
            if entryCount >= limit16 || centralStart >= limit32 || centralLength >= limit32 {
                writer.u32(0x0606_4B50).u64(44).u16(3 << 8 | 45).u16(45).u32(0).u32(0)
                writer.u64(Int64(entryCount)).u64(Int64(entryCount)).u64(centralLength).u64(centralStart)
                writer.u32(0x0706_4B50).u32(0).u64(centralStart + centralLength).u32(1)
            }
            let count = min(entryCount, limit16)
            writer.u32(0x0605_4B50).u16(0).u16(0).u16(count).u16(count)
            writer.u32(min(centralLength, limit32)).u32(min(centralStart, limit32)).u16(0)
        }
    }
}

/// Appends little-endian numbers; what does not fit is cut, so callers bound their values.
final class ZipWriter {
    private var output: [UInt8] = []

    static func bytes(_ body: (ZipWriter) -> Void) -> [UInt8] {
        let writer = ZipWriter()
        body(writer)
        return writer.output
    }

    @discardableResult func u8(_ value: Int) -> ZipWriter { number(Int64(value), 1) }
    @discardableResult func u16(_ value: Int) -> ZipWriter { number(Int64(value), 2) }
    @discardableResult func u32(_ value: Int64) -> ZipWriter { number(value, 4) }
    @discardableResult func u64(_ value: Int64) -> ZipWriter { number(value, 8) }

    @discardableResult func raw(_ bytes: [UInt8]) -> ZipWriter {
        output += bytes
        return self
    }

    private func number(_ value: Int64, _ count: Int) -> ZipWriter {
        for index in 0..<count { output.append(UInt8(truncatingIfNeeded: value >> Int64(8 * index))) }
        return self
    }
}
