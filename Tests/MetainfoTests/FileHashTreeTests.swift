import Metainfo
import Testing

extension FileHashTree {
    /// The tree after a reply that proves something; nil if it proves nothing.
    fileprivate func proving(
        _ baseLayer: Int, _ index: Int, _ length: Int, _ proofLayers: Int, _ hashes: [MerkleHash]
    ) -> FileHashTree? {
        var tree = self
        let isProven = tree.verify(
            baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers, hashes: hashes)
        return isProven ? tree : nil
    }

    /// The tree with a piece layer, if it takes it.
    fileprivate func taking(_ layer: [MerkleHash]) -> FileHashTree? {
        var tree = self
        return tree.insertPieceLayer(layer) ? tree : nil
    }
}

@Suite("A file's trusted hashes")
struct FileHashTreeTests {
    /// A file that has all its piece hashes, and one that has only the root.
    private func pair(blocks: Int, blocksPerPiece: Int) -> (
        full: FileHashTree, empty: FileHashTree, leaves: [MerkleHash]
    ) {
        let made = Samples.tree(blocks: blocks, blocksPerPiece: blocksPerPiece)
        let empty = FileHashTree(
            root: made.root, fileLength: Int64(blocks) * 16384 - 100, pieceLength: blocksPerPiece * 16384)
        var full = empty
        let isTaken = full.insertPieceLayer(made.layer)
        #expect(isTaken)
        return (full, empty, made.leaves)
    }

    @Test("The observed requests for 605 pieces of one block")
    func observedShapes() throws {
        var (full, empty, _) = pair(blocks: 605, blocksPerPiece: 1)
        #expect(empty.height == 10 && empty.pieceCount == 605 && empty.proofLayers(forBase: 0) == 9)
        #expect(empty.missingPieceRanges == [.init(index: 0, length: 512), .init(index: 512, length: 128)])

        let first = try #require(full.reply(baseLayer: 0, index: 0, length: 512, proofLayers: 9, leaves: nil))
        #expect(first.count == 513)
        let second = try #require(full.reply(baseLayer: 0, index: 512, length: 128, proofLayers: 9, leaves: nil))
        #expect(second.count == 131)
        #expect(second[93..<128].allSatisfy { $0 == .zero })
        #expect(second[128] == MerkleTree.padHash(7) && second[129] == MerkleTree.padHash(8))

        empty = try #require(empty.proving(0, 512, 128, 9, second))
        #expect(empty.missingPieceRanges == [.init(index: 0, length: 512)])
        #expect(empty.pieceLayer == nil)
        #expect(empty.pieceHash(604) == full.pieceHash(604) && empty.pieceHash(0) == nil)
        empty = try #require(empty.proving(0, 0, 512, 9, first))
        #expect(empty.pieceLayer == full.pieceLayer && empty.missingPieceRanges.isEmpty)
    }

    @Test("The observed request for 46 pieces of four blocks")
    func tailOfPadding() throws {
        var (full, empty, _) = pair(blocks: 184, blocksPerPiece: 4)
        #expect(empty.pieceLevel == 2 && empty.pieceCount == 46 && empty.height == 8)
        #expect(empty.missingPieceRanges == [.init(index: 0, length: 64)])
        #expect(empty.proofLayers(forBase: 2) == 5)
        let reply = try #require(full.reply(baseLayer: 2, index: 0, length: 64, proofLayers: 5, leaves: nil))
        #expect(reply.count == 64 && reply[46...].allSatisfy { $0 == MerkleTree.padHash(2) })
        empty = try #require(empty.proving(2, 0, 64, 5, reply))
        #expect(empty.pieceLayer == full.pieceLayer)
    }

    @Test("Any wrong hash in a reply is noticed, and nothing of it is kept")
    func forgery() throws {
        let (full, empty, _) = pair(blocks: 605, blocksPerPiece: 1)
        let reply = try #require(full.reply(baseLayer: 0, index: 512, length: 128, proofLayers: 9, leaves: nil))
        for position in reply.indices {
            var forged = reply
            forged[position] = MerkleTree.combine(forged[position], .zero)
            let tree = empty
            #expect(tree.proving(0, 512, 128, 9, forged) == nil)
            #expect(tree.pieceHash(512) == nil && tree.missingPieceRanges == empty.missingPieceRanges)
        }
        let tree = empty
        #expect(tree.proving(0, 384, 128, 9, reply) == nil)
        #expect(tree.proving(0, 512, 128, 8, reply) == nil)
        #expect(tree.proving(0, 512, 128, 9, reply.dropLast()) == nil)
        #expect(tree.proving(0, 512, 128, 9, reply + [.zero]) == nil)
        #expect(tree.proving(1, 512, 128, 8, reply) == nil)
    }

    @Test("Leaves of a piece are proven by its known hash, and by the root")
    func leaves() throws {
        var (full, empty, leaves) = pair(blocks: 189, blocksPerPiece: 8)
        #expect(full.leavesNeeded(index: 16, length: 8) == 16..<24)
        #expect(full.leavesNeeded(index: 18, length: 2) == 16..<24)
        #expect(full.leavesNeeded(index: 184, length: 8) == 184..<189)
        #expect(full.leavesNeeded(index: 192, length: 8).isEmpty)
        for (index, length) in [(16, 8), (184, 8), (16, 4), (18, 2), (188, 1), (0, 64), (128, 64)] {
            let needed = full.leavesNeeded(index: index, length: length)
            let proof = full.proofLayers(forBase: 0)
            let reply = try #require(
                full.reply(
                    baseLayer: 0, index: index, length: length, proofLayers: proof, leaves: Array(leaves[needed])))
            empty = try #require(empty.proving(0, index, length, proof, reply), "\(index)")
            // Fewer proof layers do once the piece hash is known.
            let short = MerkleTree.treeHeight(blocks: Int64(max(8, length))) - 1
            let few = try #require(
                full.reply(
                    baseLayer: 0, index: index, length: length, proofLayers: short, leaves: Array(leaves[needed])))
            full = try #require(full.proving(0, index, length, short, few))
            var forged = few
            forged[0] = MerkleTree.padHash(5)
            #expect(full.proving(0, index, length, short, forged) == nil)
        }
        // Leaves that disk got wrong are not sent.
        let wrong = Array(leaves[17..<25])
        #expect(full.reply(baseLayer: 0, index: 16, length: 8, proofLayers: 7, leaves: wrong) == nil)
        // Only the range is enough where no proof below the piece layer is needed.
        #expect(full.reply(baseLayer: 0, index: 16, length: 8, proofLayers: 2, leaves: Array(leaves[16..<24])) != nil)
        #expect(full.reply(baseLayer: 0, index: 16, length: 4, proofLayers: 7, leaves: Array(leaves[16..<20])) == nil)
        #expect(full.reply(baseLayer: 0, index: 16, length: 8, proofLayers: 7, leaves: nil) == nil)
    }

    @Test("A host that proved a part serves that part and rejects the rest")
    func partialServing() throws {
        var (full, part, _) = pair(blocks: 605, blocksPerPiece: 1)
        let reply = try #require(full.reply(baseLayer: 0, index: 0, length: 512, proofLayers: 9, leaves: nil))
        part = try #require(part.proving(0, 0, 512, 9, reply))
        #expect(part.reply(baseLayer: 0, index: 0, length: 512, proofLayers: 9, leaves: nil) == reply)
        #expect(part.reply(baseLayer: 0, index: 64, length: 2, proofLayers: 9, leaves: nil) != nil)
        #expect(part.reply(baseLayer: 0, index: 512, length: 128, proofLayers: 9, leaves: nil) == nil)
    }

    @Test("A file of one piece has the root as its piece hash; its leaves can be asked for")
    func smallFile() throws {
        let made = Samples.tree(blocks: 3, blocksPerPiece: 4)
        var tree = FileHashTree(root: made.root, fileLength: 3 * 16384, pieceLength: 16 * 16384)
        #expect(!tree.hasPieceLayer && tree.pieceHash(0) == made.root && tree.pieceHash(1) == nil)
        #expect(tree.pieceLayer == [made.root] && tree.missingPieceRanges.isEmpty)
        #expect(tree.leavesNeeded(index: 0, length: 4) == 0..<3)
        let reply = try #require(tree.reply(baseLayer: 0, index: 2, length: 2, proofLayers: 1, leaves: made.leaves))
        #expect(reply.count == 3)
        tree = try #require(tree.proving(0, 2, 2, 1, reply))
        #expect(tree.taking([]) != nil && tree.taking([made.root]) != nil && tree.taking([.zero]) == nil)
    }

    @Test("Piece layers of the wrong size or content are refused")
    func wrongLayers() {
        let made = Samples.tree(blocks: 20, blocksPerPiece: 2)
        let tree = FileHashTree(root: made.root, fileLength: 20 * 16384, pieceLength: 32768)
        #expect(tree.taking([]) == nil)
        #expect(tree.taking(Array(made.layer.dropLast())) == nil)
        #expect(tree.taking(made.layer + [.zero]) == nil)
        #expect(tree.taking(made.layer.reversed()) == nil)
        #expect(tree.pieceLayer == nil)
        #expect(tree.taking(made.layer)?.pieceLayer == made.layer)
        var layers = PieceLayers()
        #expect(throws: MetainfoError.invalidPieceLayer(root: made.root)) {
            try layers.insert(made.layer.reversed(), root: made.root, fileLength: 20 * 16384, pieceLength: 32768)
        }
        #expect(throws: MetainfoError.self) {
            try layers.insert(made.layer + [.zero], root: made.root, fileLength: 20 * 16384, pieceLength: 32768)
        }
        #expect(layers.isEmpty)
    }

    @Test("Requests with senseless numbers are refused, whatever they are")
    func implausible() {
        let (full, _, leaves) = pair(blocks: 605, blocksPerPiece: 1)
        let numbers = [Int.min, -1, 0, 1, 2, 3, 9, 10, 64, 512, 1024, 8192, 16384, Int(UInt32.max), Int.max]
        for base in numbers {
            for index in numbers {
                for length in numbers {
                    for proof in numbers {
                        var tree = full
                        let isPlausible = FileHashTree.isPlausible(
                            baseLayer: base, index: index, length: length, proofLayers: proof, fileHeight: 10)
                        let reply = tree.reply(
                            baseLayer: base, index: index, length: length, proofLayers: proof, leaves: leaves)
                        #expect(isPlausible || reply == nil)
                        if !isPlausible {
                            let taken = tree.verify(
                                baseLayer: base, index: index, length: length, proofLayers: proof, hashes: leaves)
                            #expect(!taken)
                        }
                    }
                }
            }
        }
        _ = full.leavesNeeded(index: Int.max, length: Int.max)
        _ = FileHashTree.uncleCount(length: Int.max, proofLayers: Int.max)
        _ = FileHashTree(root: .zero, fileLength: Int64.max, pieceLength: Int.max)
        _ = FileHashTree(root: .zero, fileLength: -1, pieceLength: -1)
    }
}
