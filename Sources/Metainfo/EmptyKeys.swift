import Crypto

/// An info dictionary without the entries that have an empty key, as aria2 sees it.
///
/// The file tree of BEP 52 has such an entry for each file. aria2, which knows v1 alone, drops them when it reads a torrent
/// and hashes what is left; so it gives each hybrid a name that no other program knows.
enum EmptyKeys {
    private enum Place {
        case list
        case key
        case value
    }

    /// The SHA-1 of what is left; nil if the bytes are not the bencoding of one value.
    static func hashWithout(_ encoded: [UInt8]) -> WireInfoHash? {
        var hash = Insecure.SHA1()
        var position = 0
        var kept = 0
        var open: [Place] = []
        /// How many containers are open around the entry that is left out.
        var leftOut: Int?
        while position < encoded.count {
            let start = position
            var isKey = false
            switch encoded[position] {
            case UInt8(ascii: "d"), UInt8(ascii: "l"):
                open.append(encoded[position] == UInt8(ascii: "d") ? .key : .list)
                position += 1
                continue
            case UInt8(ascii: "e"):
                guard open.popLast() != nil else { return nil }
                position += 1
            case UInt8(ascii: "i"):
                guard let end = encoded[position...].firstIndex(of: UInt8(ascii: "e")) else { return nil }
                position = end + 1
            default:
                guard let end = endOfString(encoded, at: position) else { return nil }
                isKey = open.last == .key
                position = end
                if isKey, leftOut == nil, encoded[start..<end].elementsEqual("0:".utf8) {
                    hash.update(data: encoded[kept..<start])
                    leftOut = open.count
                }
            }
            guard let place = open.last else { break }
            if isKey {
                open[open.count - 1] = .value
            } else if place == .value {
                open[open.count - 1] = .key
                if leftOut == open.count {
                    leftOut = nil
                    kept = position
                }
            }
        }
        guard open.isEmpty, position == encoded.count, position > 0 else { return nil }
        hash.update(data: encoded[kept...])
        return WireInfoHash(Array(hash.finalize()))
    }

    private static func endOfString(_ encoded: [UInt8], at start: Int) -> Int? {
        var length = 0
        var position = start
        while position < encoded.count, encoded[position] != UInt8(ascii: ":") {
            let digit = Int(encoded[position]) - 0x30
            guard (0...9).contains(digit), length <= encoded.count else { return nil }
            length = length * 10 + digit
            position += 1
        }
        guard position > start, position < encoded.count, length < encoded.count - position else { return nil }
        return position + 1 + length
    }
}
