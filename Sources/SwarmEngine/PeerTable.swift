/// The connected peers, in the order of their connection.
///
/// Keys lie beside each other: to look through all of them takes less than a dictionary's hash.
struct PeerTable {
    private var keys: [PeerKey] = []
    private(set) var values: [Peer] = []

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    subscript(key: PeerKey) -> Peer? {
        guard let index = keys.firstIndex(of: key) else { return nil }
        return values[index]
    }

    /// The key must be new.
    mutating func append(_ peer: Peer) {
        keys.append(peer.key)
        values.append(peer)
    }

    mutating func remove(_ key: PeerKey) -> Peer? {
        guard let index = keys.firstIndex(of: key) else { return nil }
        keys.remove(at: index)
        return values.remove(at: index)
    }
}
