extension VCDiff {
    /// Bytes that must be alike for a copy to pay.
    private static let blockLength = 16

    /// The difference of a target from a source. Takes time and memory in proportion to both.
    public static func delta(from source: [UInt8], to target: [UInt8]) -> [UInt8] {
        var writer = Writer()
        let index = Index(source)
        var unmatched = 0
        var position = 0
        // What comes next in the source is the likeliest match of what comes next in the target.
        var expected = 0
        while position + blockLength <= target.count {
            let candidates = [expected, index.place(of: target, at: position)]
            var best: (start: Int, length: Int)?
            for case let place? in candidates {
                let length = matchLength(source, place, target, position)
                if length >= blockLength, length > best?.length ?? 0 { best = (place, length) }
            }
            guard var match = best else {
                position += 1
                expected += 1
                continue
            }
            // The match may begin before the block by which it was found.
            while match.start > 0, position > unmatched, source[match.start - 1] == target[position - 1] {
                match.start -= 1
                match.length += 1
                position -= 1
            }
            writer.add(target[unmatched..<position])
            writer.copy(from: match.start, match.length)
            position += match.length
            expected = match.start + match.length
            unmatched = position
        }
        writer.add(target[unmatched...])
        return writer.finish(sourceLength: source.count, targetLength: target.count)
    }

    private static func matchLength(_ source: [UInt8], _ place: Int, _ target: [UInt8], _ position: Int) -> Int {
        guard place >= 0 else { return 0 }
        let limit = min(source.count - place, target.count - position)
        var length = 0
        while length < limit, source[place + length] == target[position + length] { length += 1 }
        return length
    }

    /// Where blocks of the source are, by their hash; of blocks that are alike the first.
    private struct Index {
        private var places: [UInt64: Int32] = [:]
        private let source: [UInt8]

        init(_ source: [UInt8]) {
            self.source = source
            places.reserveCapacity(source.count / VCDiff.blockLength)
            var place = 0
            while place + VCDiff.blockLength <= source.count, place <= Int(Int32.max) {
                let hash = Self.hash(source, place)
                if places[hash] == nil { places[hash] = Int32(place) }
                place += VCDiff.blockLength
            }
        }

        func place(of target: [UInt8], at position: Int) -> Int? {
            places[Self.hash(target, position)].map { Int($0) }
        }

        private static func hash(_ bytes: [UInt8], _ start: Int) -> UInt64 {
            bytes.withUnsafeBytes { buffer in
                let low = buffer.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                let high = buffer.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
                return (low &* 0x9E37_79B9_7F4A_7C15) ^ (high &* 0xC2B2_AE3D_27D4_EB4F)
            }
        }
    }

    /// One window's three sections.
    private struct Writer {
        private var data: [UInt8] = []
        private var instructions: [UInt8] = []
        private var addresses: [UInt8] = []

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            guard !bytes.isEmpty else { return }
            instructions.append(VCDiff.add)
            instructions.appendVCDiffNumber(bytes.count)
            data += bytes
        }

        mutating func copy(from address: Int, _ count: Int) {
            instructions.append(VCDiff.copy)
            instructions.appendVCDiffNumber(count)
            addresses.appendVCDiffNumber(address)
        }

        func finish(sourceLength: Int, targetLength: Int) -> [UInt8] {
            var window: [UInt8] = []
            window.appendVCDiffNumber(targetLength)
            window.append(0)
            for section in [data, instructions, addresses] { window.appendVCDiffNumber(section.count) }
            window += data + instructions + addresses
            var output = VCDiff.magic + [0, VCDiff.windowHasSource]
            output.appendVCDiffNumber(sourceLength)
            output.appendVCDiffNumber(0)
            output.appendVCDiffNumber(window.count)
            return output + window
        }
    }
}
