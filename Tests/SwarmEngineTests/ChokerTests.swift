import Testing

@testable import SwarmEngine

@Suite struct ChokerTests {
    /// Peers that all want something, and a clock.
    private struct House {
        var choker = Choker()
        var now = Instant.zero
        var peers: [Choker.Candidate]
        var turns: [PeerKey: Int] = [:]
        var longestWait = TimeSpan.zero

        init(_ count: Int, rate: (Int) -> Double = { _ in 0 }) {
            peers = (0..<count).map {
                Choker.Candidate(
                    key: PeerKey($0), isUnchoked: false, isOptimistic: false, since: .zero, givenRate: rate($0),
                    received: 0, isSnubbing: false)
            }
        }

        mutating func round(slots: Int, isSeeding: Bool, received: Int64 = 0) -> Choker.Decision {
            now = now + .seconds(10)
            let decision = choker.round(
                peers, slots: slots, isSeeding: isSeeding, share: 1000, optimisticInterval: .seconds(30), now: now)
            for index in peers.indices {
                let isChosen = decision.unchoked.contains(peers[index].key)
                if isChosen { turns[peers[index].key, default: 0] += 1 }
                if isChosen != peers[index].isUnchoked {
                    if isChosen { longestWait = max(longestWait, now - peers[index].since) }
                    peers[index].since = now
                    peers[index].received = 0
                }
                peers[index].isUnchoked = isChosen
                peers[index].isOptimistic = decision.optimistic == peers[index].key
                if isChosen { peers[index].received += received }
            }
            return decision
        }
    }

    @Test func whoeverGivesMostIsServed() {
        var house = House(10) { Double($0) * 100 }
        let decision = house.round(slots: 4, isSeeding: false)
        #expect(decision.unchoked.prefix(3).map(\.rawValue) == [9, 8, 7])
        #expect(decision.unchoked.count == 4)
    }

    @Test func theOptimisticSlotGoesRound() {
        var house = House(10) { Double($0) * 100 }
        var optimists: [Int] = []
        for _ in 0..<24 {
            if let key = house.round(slots: 4, isSeeding: false).optimistic, optimists.last != key.rawValue {
                optimists.append(key.rawValue)
            }
        }
        #expect(Set(optimists.prefix(7)) == Set(0..<7), "all that give little, each once")
        #expect(optimists.count == 8, "one for each 30 seconds")
    }

    @Test(arguments: [true, false]) func nobodyStarves(isSeeding: Bool) {
        var house = House(40) { $0 < 8 ? 1000 : 0 }
        for _ in 0..<400 {
            let decision = house.round(slots: 5, isSeeding: isSeeding)
            #expect(decision.unchoked.count == 5 && Set(decision.unchoked).count == 5)
        }
        #expect(house.turns.count == 40)
        #expect(house.longestWait <= .seconds(isSeeding ? 400 : 1200))
    }

    @Test func aSeederGivesEachItsShare() {
        var house = House(12)
        for _ in 0..<240 { _ = house.round(slots: 4, isSeeding: true, received: 300) }
        let turns = house.turns.values.sorted()
        #expect(turns.count == 12)
        #expect((turns.last ?? 0) <= 2 * (turns.first ?? 0), "\(turns)")
    }

    @Test func whoeverSnubsIsServedOnlyByChance() {
        var house = House(6) { $0 == 0 ? 1e6 : 10 }
        house.peers[0].isSnubbing = true
        let decision = house.round(slots: 3, isSeeding: false)
        #expect(decision.unchoked.first?.rawValue != 0)
        #expect(decision.unchoked.filter { $0.rawValue == 0 }.count == (decision.optimistic?.rawValue == 0 ? 1 : 0))
    }

    @Test(arguments: [0, 1, -1]) func fewSlotsDoNotTrap(slots: Int) {
        for isSeeding in [true, false] {
            var house = House(3)
            for _ in 0..<5 { #expect(house.round(slots: slots, isSeeding: isSeeding).unchoked.count == max(slots, 0)) }
        }
    }

    @Test func whenThereIsRoomAllAreServed() {
        var house = House(3)
        #expect(house.round(slots: 3, isSeeding: false).unchoked.count == 3)
        #expect(house.choker.isDue(now: house.now + .seconds(10), interval: .seconds(10)))
        #expect(!house.choker.isDue(now: house.now + .seconds(9), interval: .seconds(10)))
    }
}
