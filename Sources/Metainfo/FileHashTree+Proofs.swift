extension FileHashTree {
    /// The most hashes that a request may ask for; libtorrent serves as many.
    public static let maximumServedLength = 8192

    /// Whether the numbers of a hash request make sense for a tree of that height (BEP 52).
    public static func isPlausible(
        baseLayer: Int, index: Int, length: Int, proofLayers: Int, fileHeight: Int
    ) -> Bool {
        guard baseLayer >= 0, baseLayer < fileHeight, fileHeight < 62, index >= 0,
            length >= 1, length <= maximumServedLength, length & (length - 1) == 0,
            proofLayers >= 0, proofLayers < fileHeight - baseLayer
        else { return false }
        let width = 1 << (fileHeight - baseLayer)
        return index % length == 0 && length <= width && index <= width - length
    }

    /// How many hashes follow the requested ones: the proof layers without those that the range itself covers.
    public static func uncleCount(length: Int, proofLayers: Int) -> Int {
        let depth = MerkleTree.treeHeight(blocks: Int64(length))
        return max(0, min(proofLayers, Int64.bitWidth) - depth + 1)
    }

    /// Checks the hashes of a reply and keeps what they prove.
    ///
    /// The base layer is 0 or ``pieceLevel``. The hashes must fold, with their uncles, to the root or to a node that
    /// was proven before, and must be padding exactly where the file has ended.
    /// - Returns: false if they prove nothing; then nothing is kept and whoever sent them is to blame.
    public mutating func verify(
        baseLayer: Int, index: Int, length: Int, proofLayers: Int, hashes: [MerkleHash]
    ) -> Bool {
        guard isServed(baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers),
            hashes.count == length + Self.uncleCount(length: length, proofLayers: proofLayers)
        else { return false }
        var proven: [ProvenNode] = []
        var level = baseLayer
        var first = index
        var row = Array(hashes.prefix(length))
        for (offset, hash) in row.enumerated() where !isCredible(hash, level: level, index: first + offset) {
            return false
        }
        while true {
            if level >= pieceLevel {
                for (offset, hash) in row.enumerated() {
                    proven.append(ProvenNode(level: level, index: first + offset, hash: hash))
                }
            }
            guard row.count > 1 else { break }
            row = MerkleTree.parents(of: row, level: level)
            level += 1
            first >>= 1
        }
        var value = row[0]
        for uncle in hashes.dropFirst(length) {
            if let trusted = node(level: level, index: first) { return accept(proven, if: trusted == value) }
            guard isCredible(uncle, level: level, index: first ^ 1) else { return false }
            proven.append(ProvenNode(level: level, index: first ^ 1, hash: uncle))
            value = first & 1 == 0 ? MerkleTree.combine(value, uncle) : MerkleTree.combine(uncle, value)
            level += 1
            first >>= 1
            proven.append(ProvenNode(level: level, index: first, hash: value))
        }
        return accept(proven, if: node(level: level, index: first) == value)
    }

    /// Builds the hashes that answer a request: the range, padding included, and its uncles.
    ///
    /// - Parameter leaves: for base layer 0, the leaves at ``leavesNeeded(index:length:)``, or just those of the range
    ///   where no proof below the piece layer is asked for. Not used for the piece layer.
    /// - Returns: nil if the request makes no sense or a needed node is not known: reject it.
    public func reply(
        baseLayer: Int, index: Int, length: Int, proofLayers: Int, leaves: [MerkleHash]?
    ) -> [MerkleHash]? {
        guard isServed(baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers) else { return nil }
        let depth = MerkleTree.treeHeight(blocks: Int64(length))
        var lower = LowerRows(first: 0, rows: [])
        if baseLayer == 0, pieceLevel > 0 {
            guard let leaves, let rows = lowerRows(index: index, length: length, leaves: leaves) else { return nil }
            lower = rows
        }
        func lookUp(level: Int, index: Int) -> MerkleHash? {
            if isPastEnd(level: level, index: index), level < height { return MerkleTree.padHash(level) }
            return lower.node(level: level, index: index) ?? node(level: level, index: index)
        }

        var hashes: [MerkleHash] = []
        for offset in 0..<length {
            guard let hash = lookUp(level: baseLayer, index: index + offset) else { return nil }
            hashes.append(hash)
        }
        for uncle in 0..<Self.uncleCount(length: length, proofLayers: proofLayers) {
            let sibling = (index >> (depth + uncle)) ^ 1
            guard let hash = lookUp(level: baseLayer + depth + uncle, index: sibling) else { return nil }
            hashes.append(hash)
        }
        return hashes
    }

    /// The leaves (blocks of the file) that a base-0 request of that range needs: those of all pieces it touches, since
    /// a proof runs through them. Without padding; clipped to the file.
    public func leavesNeeded(index: Int, length: Int) -> Range<Int> {
        guard index >= 0, length > 0, index < blockCount, length <= blockCount + Self.maximumServedLength else {
            return 0..<0
        }
        let first = (index >> pieceLevel) << pieceLevel
        let end = ((index + length + (1 << pieceLevel) - 1) >> pieceLevel) << pieceLevel
        return first..<min(end, blockCount)
    }

    // MARK: Helpers

    private func isServed(baseLayer: Int, index: Int, length: Int, proofLayers: Int) -> Bool {
        (baseLayer == 0 || baseLayer == pieceLevel)
            && Self.isPlausible(
                baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers, fileHeight: height)
            && !isPastEnd(level: baseLayer, index: index)
    }

    /// Padding past the end of the file, and no unproven mark within it.
    private func isCredible(_ hash: MerkleHash, level: Int, index: Int) -> Bool {
        isPastEnd(level: level, index: index) ? hash == MerkleTree.padHash(level) : hash != .zero
    }

    private mutating func accept(_ nodes: [ProvenNode], if isProven: Bool) -> Bool {
        if isProven { store(nodes) }
        return isProven
    }

    /// Nodes below the piece layer, made from leaves; `first` is the index of the first leaf.
    private struct LowerRows {
        let first: Int
        let rows: [[MerkleHash]]

        func node(level: Int, index: Int) -> MerkleHash? {
            guard level < rows.count else { return nil }
            let position = index - (first >> level)
            return rows[level].indices.contains(position) ? rows[level][position] : nil
        }
    }

    private func lowerRows(index: Int, length: Int, leaves: [MerkleHash]) -> LowerRows? {
        let needed = leavesNeeded(index: index, length: length)
        guard leaves.count == needed.count else {
            let real = min(length, blockCount - index)
            guard leaves.count == real || leaves.count == length else { return nil }
            return LowerRows(first: index, rows: [Array(leaves.prefix(real))])
        }
        let top = min(pieceLevel, height)
        var rows = [leaves]
        for level in 0..<top { rows.append(MerkleTree.parents(of: rows[level], level: level)) }
        // What disk gave must agree with what is trusted, or it would be refused and blamed on this host.
        let piece = needed.lowerBound >> top
        for (offset, hash) in rows.removeLast().enumerated() {
            if let trusted = node(level: top, index: piece + offset), trusted != hash { return nil }
        }
        return LowerRows(first: needed.lowerBound, rows: rows)
    }
}
