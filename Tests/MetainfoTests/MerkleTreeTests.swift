import Metainfo
import Testing

@Suite("Hash trees")
struct MerkleTreeTests {
    @Test(
        "Nodes over nothing but padding",
        arguments: [
            (0, "0000000000000000000000000000000000000000000000000000000000000000"),
            (1, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
            (2, "db56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71"),
            (3, "c78009fdf07fc56a11f122370658a353aaa542ed63e44c4bc15ff4cd105ab33c"),
            (4, "536d98837f2dd165a55d5eeae91485954472d56f246df256bf3cae19352a123c"),
            (5, "9efde052aa15429fae05bad4d0b1d7c64da64d03d7a1854a588c2cb8430c0d30"),
            (6, "d88ddfeed400a8755596b21942c1497e114c302e6118290f91e6772976041fa1"),
            (7, "87eb0ddba57e35f6d286673802a4af5975e22506c7cf4c64bb6be5ee11527f2c"),
            (8, "26846476fd5fc54a5d43385167c95144f2643f533cc85bb9d16b782f8d7db193"),
            (9, "506d86582d252405b840018792cad2bf1259f1ef5aa5f887e13cb2f0094f51e1"),
            (10, "ffff0ad7e659772f9534c195c815efc4014ef1e1daed4404c06385d11192e92b"),
            (11, "6cf04127db05441cd833107a52be852868890e4317e6a02ab47683aa75964220"),
        ])
    func padding(level: Int, hex: String) {
        #expect(MerkleTree.padHash(level).hex == hex)
    }

    @Test(
        "Roots of files with byte i = i modulo 251",
        arguments: [
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (16384, "4348e3b98e8a327b34ced39c1da9e67cdb4cd5e48e4d7960607a3ae403d35f0c"),
            (16385, "9d7887c65d577a0237fb3c0998b87b3a62762d03796889a2caea01db914ccbb8"),
            (32768, "d9e13d0b676ad681164ef0b7b5910d1328ea83a047cad57e619d76bbe3a08525"),
            (40000, "ab671631a9fa97a1fdac651fff6c68773b9acf0735b9c7f6ecdd54cbf1bf5dc2"),
            (49153, "6b89f318fea750cf67e57b363445ebce1fef3958f2d8a82247d477ecb6890df4"),
            (65536, "2d6b546231225a7132a38ab354f03e9132e4b9141da89f1784b71ab2fb34fae3"),
            (100_000, "505fc9a922f60ae071450b07256a4ba760612bffc38c27584ed03fd96c69841b"),
        ])
    func roots(size: Int, hex: String) {
        let leaves = Samples.leaves(Samples.content(size))
        let height = MerkleTree.treeHeight(blocks: MerkleTree.blockCount(Int64(size)))
        #expect(MerkleTree.root(of: leaves, level: 0, width: 1 << height).hex == hex)
    }

    @Test("Piece layers at 32 KiB fold to the root")
    func layers() {
        let file = Samples.file(["f.bin"], 100_000, pieceLength: 32768)
        #expect(
            file.pieceLayer.map(\.hex) == [
                "d9e13d0b676ad681164ef0b7b5910d1328ea83a047cad57e619d76bbe3a08525",
                "e28097eaaa55956702cf8195d1a551dbabb63e3d679b294cf33d506a6b5ef479",
                "c652249676984ba0be8db1d26efa9e0c67cd14299b02eaab326419a0f91a1aec",
                "ef72b5ef0b29bacc8de6bc437f8a488da617d064457122b7db2c4092374151f9",
            ])
        #expect(MerkleTree.root(of: file.pieceLayer, level: 1, width: 4) == file.root)
        let other = Samples.file(["f"], 49153, pieceLength: 32768)
        #expect(other.pieceLayer.last?.hex == "27337376cec72dc0794b841f398ae7100a63ec64b62bc91ec936631b9692d85b")
    }

    @Test("Heights and block counts at the edges")
    func arithmetic() {
        #expect([0, 1, 2, 3, 4, 5, 605].map { MerkleTree.treeHeight(blocks: $0) } == [0, 0, 1, 2, 2, 3, 10])
        #expect([0, 1, 16384, 16385, Int64.max].map { MerkleTree.blockCount($0) } == [0, 1, 1, 2, 1 << 49])
        #expect(MerkleTree.blockCount(-5) == 0)
        #expect(MerkleTree.root(of: [], level: 0, width: 8) == MerkleTree.padHash(3))
        #expect(MerkleTree.padHash(-1) == .zero && MerkleTree.padHash(1000) == MerkleTree.padHash(64))
    }
}
