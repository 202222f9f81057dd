extension VCDiff {
    /// Makes the target out of the source.
    ///
    /// - Parameter limit: bytes of the target.
    public static func apply(_ delta: [UInt8], to source: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var reader = VCDiffReader(delta[...])
        guard try Array(reader.take(4)) == magic else { throw .malformed }
        guard try reader.byte() == 0 else { throw .unsupported }
        var target: [UInt8] = []
        while !reader.isAtEnd { try applyWindow(&reader, source, &target, limit: limit) }
        return target
    }

    private static func applyWindow(
        _ reader: inout VCDiffReader, _ source: [UInt8], _ target: inout [UInt8], limit: Int
    ) throws(Failure) {
        let indicator = try reader.byte()
        guard indicator == 0 || indicator == windowHasSource else { throw .unsupported }
        var segment = source[..<0]
        if indicator == windowHasSource {
            let (length, position) = (try reader.number(), try reader.number())
            guard position <= source.count, length <= source.count - position else { throw .malformed }
            segment = source[position..<position + length]
        }
        var window = VCDiffReader(try reader.take(reader.number()))
        let length = try window.number()
        guard length <= limit - target.count else { throw .tooLong }
        guard try window.byte() == 0 else { throw .unsupported }
        let sizes = (try window.number(), try window.number(), try window.number())
        var data = VCDiffReader(try window.take(sizes.0))
        var instructions = VCDiffReader(try window.take(sizes.1))
        var addresses = VCDiffReader(try window.take(sizes.2))
        var made: [UInt8] = []
        made.reserveCapacity(length)
        while !instructions.isAtEnd {
            let code = try instructions.byte()
            switch code {
            case run:
                let count = try instructions.number()
                guard count <= length - made.count else { throw .malformed }
                made.append(contentsOf: repeatElement(try data.byte(), count: count))
            case add...18:
                // Sizes 1 to 17 are in the code.
                let count = code == add ? try instructions.number() : Int(code) - 1
                guard count <= length - made.count else { throw .malformed }
                made.append(contentsOf: try data.take(count))
            case copy...34:
                // Address mode 0; sizes 4 to 18 are in the code.
                let count = code == copy ? try instructions.number() : Int(code) - 16
                guard count <= length - made.count else { throw .malformed }
                try appendCopy(from: addresses.number(), count, of: segment, to: &made)
            default:
                throw .unsupported
            }
        }
        guard made.count == length else { throw .malformed }
        target += made
    }

    /// Addresses run through the source's segment and on through the target so far (§3); a copy may reach into what it
    /// makes itself.
    private static func appendCopy(
        from address: Int, _ count: Int, of segment: ArraySlice<UInt8>, to made: inout [UInt8]
    ) throws(Failure) {
        guard address < segment.count + made.count || count == 0 else { throw .malformed }
        var position = address
        var rest = count
        if position < segment.count {
            let fromSegment = min(rest, segment.count - position)
            let start = segment.startIndex + position
            made.append(contentsOf: segment[start..<start + fromSegment])
            rest -= fromSegment
            position += fromSegment
        }
        while rest > 0 {
            made.append(made[position - segment.count])
            position += 1
            rest -= 1
        }
    }
}
