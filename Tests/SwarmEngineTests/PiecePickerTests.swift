import Metainfo
import PeerWire
import Testing
import TestSupport

@testable import SwarmEngine

@Suite struct PiecePickerTests {
    private let alice = PeerKey(1)
    private let bob = PeerKey(2)
    private let carol = PeerKey(3)

    /// Pieces of four blocks. `have`, `wanted` and `availability` have a character for each piece; `*` is a member.
    private func picker(have: String = "", wanted: String? = nil, availability: String = "") -> PiecePicker {
        let count = max(have.count, availability.count)
        let layout = PieceLayout(fileLengths: [Int64(count) * 65536], pieceLength: 65536, format: .v1)
        var picker = PiecePicker(
            layout: layout, have: set(have, count),
            wanted: wanted.map { set($0, count) } ?? PieceSetFactory.full(count),
            unproven: PieceSet(capacity: count))
        for (piece, digit) in availability.enumerated() {
            for _ in 0..<(digit.wholeNumberValue ?? 0) { picker.peerGained(PieceIndex(piece)) }
        }
        return picker
    }

    private func set(_ drawn: String, _ count: Int) -> PieceSet {
        PieceSetFactory.set(drawn.enumerated().filter { $0.element == "*" }.map(\.offset), of: count)
    }

    /// The state of one piece: `-` open, a digit for its requesters, `x` here; empty if it was not started.
    private func draw(_ picker: PiecePicker, _ piece: Int) -> String {
        guard let partial = picker.partials.first(where: { $0.piece == PieceIndex(piece) }) else { return "" }
        return partial.blocks.map { block in
            switch block {
            case .open: "-"
            case .requested(let count): "\(count)"
            case .received: "x"
            }
        }.joined()
    }

    /// What a peer is asked for, as `piece:block`.
    private func pick(
        _ picker: inout PiecePicker, _ peer: PeerKey, _ pieces: String, _ limit: Int, only: Set<PieceIndex>? = nil
    ) -> [String] {
        var generator = SeededGenerator(seed: 9)
        var requests: [BlockRequest] = []
        picker.pick(
            for: peer, having: set(pieces, pieces.count), limit: limit, only: only, now: .zero, using: &generator,
            into: &requests)
        return requests.map { "\($0.piece):\($0.begin / 16384)" }
    }

    private func duplicates(
        _ picker: inout PiecePicker, _ peer: PeerKey, _ pieces: String, _ limit: Int, at seconds: Int = 1
    ) -> [String] {
        var requests: [BlockRequest] = []
        picker.pickDuplicates(
            for: peer, having: set(pieces, pieces.count), limit: limit, now: .zero + .seconds(seconds),
            excluding: { _ in false }, into: &requests)
        return requests.map { "\($0.piece):\($0.begin / 16384)" }
    }

    private func block(_ piece: Int, _ number: Int) -> BlockRequest {
        BlockRequest(piece: PieceIndex(piece), begin: number * 16384, length: 16384)
    }

    @Test func rarestComesFirst() {
        var picker = picker(have: "****    ", availability: "00003213")
        #expect(pick(&picker, alice, "    ****", 4) == ["6:0", "6:1", "6:2", "6:3"])
        #expect(pick(&picker, alice, "    ****", 4) == ["5:0", "5:1", "5:2", "5:3"])
    }

    @Test func rarestThatThePeerHas() {
        var picker = picker(have: "****    ", availability: "00003213")
        #expect(pick(&picker, alice, "    *  *", 8).count == 8)
        #expect(draw(picker, 4) == "1111" && draw(picker, 7) == "1111" && draw(picker, 6) == "")
    }

    @Test func startedPiecesAreFinishedBeforeNewOnesAreStarted() {
        var picker = picker(have: "****    ", availability: "00001111")
        _ = pick(&picker, alice, "    *   ", 2)
        #expect(draw(picker, 4) == "11--")
        #expect(pick(&picker, bob, "    ****", 2) == ["4:2", "4:3"])
    }

    @Test func aPeerFinishesItsOwnPieceFirst() {
        var picker = picker(have: "****    ", availability: "00001111")
        _ = pick(&picker, alice, "    *   ", 1)
        _ = pick(&picker, bob, "     *  ", 1)
        #expect(draw(picker, 4) == "1---" && draw(picker, 5) == "1---")
        #expect(pick(&picker, bob, "    **  ", 4) == ["5:1", "5:2", "5:3", "4:1"])
    }

    @Test func theFirstPiecesAreChosenByChance() {
        var first: Set<String> = []
        for seed in 0..<40 {
            var picker = picker(availability: "12345678")
            var generator = SeededGenerator(seed: UInt64(seed))
            var requests: [BlockRequest] = []
            picker.pick(
                for: alice, having: PieceSetFactory.full(8), limit: 1, now: .zero, using: &generator, into: &requests)
            first.insert("\(requests.map(\.piece))")
        }
        #expect(first.count > 4)
    }

    @Test func unwantedPiecesAreNeverAsked() {
        var picker = picker(have: "        ", wanted: " * *    ")
        #expect(pick(&picker, alice, "********", 100).count == 8)
        #expect(draw(picker, 1) == "1111" && draw(picker, 3) == "1111" && draw(picker, 0) == "")
        #expect(picker.missingCount == 2)
    }

    @Test func onlyAllowedPiecesWhileChoked() {
        var picker = picker(have: "        ")
        #expect(pick(&picker, alice, "********", 9, only: [PieceIndex(2), PieceIndex(99)]).count == 4)
        #expect(draw(picker, 2) == "1111")
    }

    @Test func releasedBlocksAreOpenAgain() {
        var picker = picker(have: "**** ", availability: "11111")
        _ = pick(&picker, alice, "    *", 4)
        picker.release(block(4, 1))
        picker.release(block(4, 1))
        picker.release(block(0, 1))
        picker.release(block(-4, 1))
        #expect(draw(picker, 4) == "1-11")
        #expect(pick(&picker, bob, "    *", 4) == ["4:1"])
    }

    @Test func endgameAsksFewestRequestersFirstAndAtMostThree() {
        var picker = picker(have: "**** ", availability: "11111")
        _ = pick(&picker, alice, "    *", 3)
        #expect(!picker.isEndgame)
        _ = pick(&picker, alice, "    *", 1)
        #expect(picker.isEndgame)
        #expect(duplicates(&picker, bob, "    *", 2, at: 0).isEmpty, "it was asked for just now")
        #expect(duplicates(&picker, bob, "    *", 2, at: 1) == ["4:0", "4:1"])
        #expect(duplicates(&picker, carol, "    *", 3, at: 1).isEmpty)
        #expect(duplicates(&picker, carol, "    *", 3, at: 2) == ["4:2", "4:3"])
        #expect(duplicates(&picker, carol, "    *", 1, at: 3) == ["4:0"])
        #expect(draw(picker, 4) == "3222")
        #expect(picker.receive(block(4, 0), from: bob, now: .zero) == .accepted(requesters: 3))
        #expect(picker.receive(block(4, 0), from: alice, now: .zero) == .alreadyHere)
        #expect(draw(picker, 4) == "x222")
        #expect(duplicates(&picker, bob, "    *", 9, at: 4).count == 3)
        #expect(duplicates(&picker, bob, "    *", 9, at: 5).isEmpty)
    }

    @Test func anExclusivePieceIsForOnePeer() {
        var picker = picker(have: "**** ", availability: "11111")
        _ = pick(&picker, alice, "    *", 4)
        for number in 0..<4 { _ = picker.receive(block(4, number), from: number == 0 ? bob : alice, now: .zero) }
        #expect(picker.senders(of: PieceIndex(4)) == [bob, alice, alice, alice])
        picker.reset(PieceIndex(4), blocks: [0, 1, 2, 3], exclusively: carol)
        #expect(draw(picker, 4) == "----")
        #expect(pick(&picker, alice, "    *", 4).isEmpty)
        #expect(
            picker.receive(block(4, 2), from: alice, now: .zero) == .alreadyHere, "a late one would mix the senders")
        #expect(pick(&picker, carol, "    *", 1) == ["4:0"])
        #expect(duplicates(&picker, alice, "    *", 4).isEmpty)
        picker.liftExclusiveness(of: carol)
        #expect(pick(&picker, alice, "    *", 4) == ["4:1", "4:2", "4:3"])
    }

    @Test func verifiedAndLostPieces() {
        var picker = picker(have: "****  ", availability: "111111")
        _ = pick(&picker, alice, "    **", 8)
        for number in 0..<4 { _ = picker.receive(block(5, number), from: alice, now: .zero) }
        picker.verified(PieceIndex(5))
        #expect(picker.missingCount == 1 && draw(picker, 5) == "" && draw(picker, 4) == "1111")
        picker.verified(PieceIndex(4))
        #expect(picker.isComplete && !picker.isEndgame)
        picker.lost(PieceIndex(2))
        picker.lost(PieceIndex(99))
        #expect(!picker.isComplete)
        #expect(pick(&picker, bob, "******", 9).count == 4)
    }

    @Test func piecesWithoutAHashAreNotStarted() {
        let layout = PieceLayout(fileLengths: [4 * 65536], pieceLength: 65536, format: .v2)
        var picker = PiecePicker(
            layout: layout, have: PieceSet(capacity: 4), wanted: PieceSetFactory.full(4),
            unproven: PieceSetFactory.set([1, 2], of: 4))
        #expect(pick(&picker, alice, "****", 99).count == 8)
        picker.proven(1..<2)
        #expect(pick(&picker, alice, "****", 99).map { $0.prefix(1) } == ["1", "1", "1", "1"])
    }

    @Test func everyBlockIsAskedExactlyOnceUntilEndgame() {
        var generator = SeededGenerator(seed: 5)
        var picker = picker(have: String(repeating: " ", count: 30))
        var seen: [String: Int] = [:]
        for round in 0..<400 {
            let limit = Int.random(in: 1...5, using: &generator)
            for name in pick(&picker, PeerKey(round % 7), String(repeating: "*", count: 30), limit) {
                seen[name, default: 0] += 1
            }
        }
        #expect(seen.count == 120 && seen.values.allSatisfy { $0 == 1 })
    }
}
