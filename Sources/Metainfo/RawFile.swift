import Bencode

/// A file entry as an info dictionary has it: names are bytes, nothing is placed yet.
struct RawFile {
    var path: [[UInt8]] = []
    var length: Int64
    var attributes: Attributes
    var symlinkTarget: [[UInt8]]?
    var piecesRoot: MerkleHash?

    /// The letters of BEP 47's `attr`; unknown ones mean nothing.
    struct Attributes {
        var isPadding = false
        var isExecutable = false
        var isHidden = false
        var isSymlink = false

        init(isPadding: Bool = false, isExecutable: Bool = false) {
            self.isPadding = isPadding
            self.isExecutable = isExecutable
        }

        init(_ dictionary: BencodeDictionary) {
            for letter in dictionary["attr"]?.bytes ?? [] {
                switch letter {
                case UInt8(ascii: "p"): isPadding = true
                case UInt8(ascii: "x"): isExecutable = true
                case UInt8(ascii: "h"): isHidden = true
                case UInt8(ascii: "l"): isSymlink = true
                default: break
                }
            }
        }
    }

    /// Whether the entry has bytes that are a user's.
    var hasData: Bool { length > 0 && !attributes.isPadding }

    /// The length of an entry; a symbolic link has none, whatever it says.
    static func length(_ dictionary: BencodeDictionary, _ attributes: Attributes) throws(MetainfoError) -> Int64 {
        if attributes.isSymlink { return 0 }
        guard let length = dictionary["length"]?.integer else { throw .missing("length") }
        guard length >= 0, length <= TorrentInfo.maximumTotalLength else { throw .invalid("length") }
        return length
    }

    static func symlinkTarget(
        _ dictionary: BencodeDictionary, _ attributes: Attributes
    ) throws(MetainfoError) -> [[UInt8]]? {
        guard attributes.isSymlink else { return nil }
        guard let target = try components(dictionary["symlink path"], key: "symlink path"), !target.isEmpty else {
            throw .missing("symlink path")
        }
        return target
    }

    /// A list of byte strings, or nil if there is no such value.
    static func components(_ value: BencodeValue?, key: String) throws(MetainfoError) -> [[UInt8]]? {
        guard let value else { return nil }
        guard let items = value.list, items.count <= 100 else { throw .invalid(key) }
        var components: [[UInt8]] = []
        for item in items {
            guard let bytes = item.bytes else { throw .invalid(key) }
            components.append(bytes)
        }
        return components
    }
}
