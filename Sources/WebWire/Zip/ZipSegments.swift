/// The parts of a stretch of an archive, in order.
public struct ZipSegments: Sequence, IteratorProtocol, Sendable {
    private let layout: ZipLayout
    private let end: Int64
    private var position: Int64

    init(layout: ZipLayout, range: Range<Int64>) {
        self.layout = layout
        position = range.lowerBound
        end = range.upperBound
    }

    public mutating func next() -> ZipSegment? {
        guard position < end else { return nil }
        let directory = layout.offsets[layout.entries.count]
        let endRecords = layout.centralOffsets[layout.entries.count]
        if position < directory { return inEntry(Self.index(of: position, in: layout.offsets)) }
        if position < endRecords { return inDirectory(Self.index(of: position, in: layout.centralOffsets)) }
        return bytes(layout.endRecords, startingAt: endRecords)
    }

    private mutating func inEntry(_ index: Int) -> ZipSegment? {
        let entry = layout.entries[index]
        let start = layout.offsets[index]
        let content = start + entry.localHeaderLength
        if position < content { return bytes(ZipRecords.localHeader(entry), startingAt: start) }
        let descriptor = content + entry.length
        if position < descriptor {
            let range = position - content..<Swift.min(end, descriptor) - content
            position = content + range.upperBound
            return .content(entry: index, range: range)
        }
        if let crc32 = layout.checksum(of: index) {
            return bytes(ZipRecords.descriptor(entry, crc32: crc32), startingAt: descriptor)
        }
        return checksum(index, isCentral: false, from: descriptor, to: layout.offsets[index + 1])
    }

    private mutating func inDirectory(_ index: Int) -> ZipSegment? {
        let start = layout.centralOffsets[index]
        guard let crc32 = layout.checksum(of: index) else {
            return checksum(index, isCentral: true, from: start, to: layout.centralOffsets[index + 1])
        }
        let offset = layout.offsets[index]
        return bytes(ZipRecords.central(layout.entries[index], crc32: crc32, offset: offset), startingAt: start)
    }

    private mutating func bytes(_ record: [UInt8], startingAt start: Int64) -> ZipSegment {
        let first = Int(position - start)
        let last = Int(Swift.min(end - start, Int64(record.count)))
        position = start + Int64(last)
        return .bytes(first == 0 && last == record.count ? record : Array(record[first..<last]))
    }

    private mutating func checksum(_ index: Int, isCentral: Bool, from start: Int64, to stop: Int64) -> ZipSegment {
        let range = Int(position - start)..<Int(Swift.min(end, stop) - start)
        position = start + Int64(range.upperBound)
        return .checksum(ZipChecksumPart(entry: index, isCentral: isCentral, range: range))
    }

    /// The last index whose offset is not behind the position, among all but the closing one.
    private static func index(of position: Int64, in offsets: [Int64]) -> Int {
        var low = 0
        var high = offsets.count - 1
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offsets[middle] <= position { low = middle } else { high = middle }
        }
        return low
    }
}
