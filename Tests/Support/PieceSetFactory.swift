import Metainfo

public enum PieceSetFactory {
    public static func full(_ count: Int) -> PieceSet { PieceSet(fullWithCapacity: count) }

    public static func set(_ members: some Sequence<Int>, of capacity: Int) -> PieceSet {
        var set = PieceSet(capacity: capacity)
        for member in members { set.insert(PieceIndex(member)) }
        return set
    }
}

extension PieceSet {
    public var members: [Int] {
        var list: [Int] = []
        forEach { list.append($0.rawValue) }
        return list
    }
}
