import Metainfo

enum PieceSetFactory {
    static func full(_ count: Int) -> PieceSet { PieceSet(fullWithCapacity: count) }

    static func set(_ members: some Sequence<Int>, of capacity: Int) -> PieceSet {
        var set = PieceSet(capacity: capacity)
        for member in members { set.insert(PieceIndex(member)) }
        return set
    }
}

extension PieceSet {
    var members: [Int] {
        var list: [Int] = []
        forEach { list.append($0.rawValue) }
        return list
    }
}
