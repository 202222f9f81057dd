import TestSupport

extension TestRandom {
    /// `text` with some bytes changed, dropped, doubled or added.
    mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        var bytes = text
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
            default: bytes.insert(Array("%,;=\"-/0\r\n".utf8).randomElement(using: &self) ?? 0, at: place)
            }
        }
        return bytes
    }
}
