import Testing
import WebWire

@Suite("Differences of files (VCDIFF)")
struct VCDiffTests {
    private func text(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    @Test("What is made of a source and the difference is the target")
    func roundTrip() throws {
        for seed in UInt64(1)...40 {
            let source = text(Int(seed * 331 % 7000), seed: seed)
            var target = source
            for change in 0..<Int(seed % 7) where !target.isEmpty {
                let place = (change * 977 + Int(seed) * 131) % target.count
                switch change % 3 {
                case 0: target[place] ^= 0xFF
                case 1: target.insert(contentsOf: text(change * 5, seed: seed ^ 9), at: place)
                default: target.removeSubrange(place..<min(target.count, place + 40))
                }
            }
            let delta = VCDiff.delta(from: source, to: target)
            #expect(try VCDiff.apply(delta, to: source, limit: target.count) == target)
        }
        #expect(try VCDiff.apply(VCDiff.delta(from: [], to: []), to: [], limit: 0) == [])
    }

    @Test("A few changes in a long text make a short difference")
    func short() {
        let source = text(1_000_000, seed: 7)
        var target = source
        for place in stride(from: 5000, to: 900_000, by: 9000) { target[place] ^= 1 }
        let delta = VCDiff.delta(from: source, to: target)
        #expect(delta.count < 100 * 16)
    }

    @Test("What is longer than it may be, cut short or torn is refused")
    func hostile() throws {
        let source = text(4000, seed: 3)
        var target = source
        target.insert(contentsOf: [1, 2, 3], at: 2000)
        let delta = VCDiff.delta(from: source, to: target)
        #expect(throws: VCDiff.Failure.tooLong) { try VCDiff.apply(delta, to: source, limit: target.count - 1) }
        for length in 0..<delta.count where length != 5 {
            #expect(throws: VCDiff.Failure.self) {
                try VCDiff.apply(Array(delta.prefix(length)), to: source, limit: 9000)
            }
        }
        for place in delta.indices {
            for value in [UInt8(0), 0x7F, 0x80, 0xFF] {
                var torn = delta
                torn[place] = value
                // Whatever comes of it: nothing traps, and nothing is longer than it may be.
                if let made = try? VCDiff.apply(torn, to: source, limit: 9000) { #expect(made.count <= 9000) }
            }
        }
    }
}
