@testable import SimulatedNetwork

// What the runs of PinnedRunTests come to, exactly. A change of the engine or of the simulated network moves these numbers;
// that is no fault, but it is to be looked at before they are renewed:
//
//     DUPLEX_PIN=print swift test --filter PinnedRunTests | grep '^    "' | sort
//
// prints the lines of the table below. To judge a change, compare old and new lines; from most to least serious:
//
// - `failedPieces` other than 0 where nobody sends garbage: a bug. Where somebody does, more of them: liars are found
//   later.
// - `seconds` more by over 2 %: the swarm has become slower. Look at all scenarios: a change that helps one and harms
//   another is rarely worth it. A few per cent up or down in a single one is chance; another seed shows.
// - `blocks` and `blockBytes`: every receiver needs each block once. More than that is waste, most of it from the
//   endgame; it should stay within 2 %, but for garbage.
// - `messages`: the cost of talking, for each block. It matters in the flash crowd, where `have` is most of it.
// - `connections`: more of them without more hosts: somebody dials, parts, and dials again.
// - `events` follow from the others. They are what a run costs on the computer that simulates.
// - `fingerprint` alone, with all else equal: only the order or the moments of completion moved. Harmless, but ask why:
//   nothing that does not touch decisions or the wire should change it. If it differs from run to run of one build, the
//   engine depends on something besides its seed and its events (often the order of a Set or Dictionary): a bug.
//
// Columns: seconds, events, messages, blocks, blockBytes, connections, failedPieces, fingerprint.
let pins: [String: Pin] = [
    "20 % loss": Pin(10.802892, 21523, 8004, 2747, 45006848, 55, 0, 0xF1281ADDEA7D3308),
    "50 torrents at once": Pin(5.023213, 24841, 22035, 9654, 158171136, 300, 0, 0xEE37B342B003792A),
    "flash crowd": Pin(5.028982, 842148, 1525109, 52521, 860504064, 7095, 0, 0x7D7C632B22520CAC),
    "half of the hosts asleep": Pin(14.356225, 60976, 46864, 10946, 179339264, 210, 0, 0xF6787AB1F8E6F40A),
    "large pieces": Pin(33.418498, 382578, 275969, 123020, 2015559680, 465, 0, 0x8216A6B5B05C2E1B),
    "one peer of ten sends garbage": Pin(1.197159, 6925, 7403, 4932, 80805888, 57, 9, 0xB929EE38A5E9C8BD),
    "source leaves after one copy": Pin(3.932208, 30159, 32773, 8192, 134217728, 136, 0, 0xC460174D95AB0384),
]

struct Pin: Equatable {
    /// Virtual time until the last receiver had everything.
    var seconds: Double
    var counters: NetworkCounters

    init(seconds: Double, counters: NetworkCounters) {
        self.seconds = (seconds * 1e6).rounded() / 1e6
        self.counters = counters
    }

    init(
        _ seconds: Double, _ events: Int, _ messages: Int, _ blocks: Int, _ blockBytes: Int64, _ connections: Int,
        _ failedPieces: Int, _ fingerprint: UInt64
    ) {
        let counters = NetworkCounters(
            events: events, messages: messages, blocks: blocks, blockBytes: blockBytes, connections: connections,
            failedPieces: failedPieces, fingerprint: fingerprint)
        self.init(seconds: seconds, counters: counters)
    }

    /// Its line in the table.
    func line(_ name: String) -> String {
        let counts = [counters.events, counters.messages, counters.blocks, Int(counters.blockBytes)]
        let rest = [counters.connections, counters.failedPieces]
        let numbers = ([String(seconds)] + (counts + rest).map(String.init)).joined(separator: ", ")
        return "    \"\(name)\": Pin(\(numbers), 0x\(String(counters.fingerprint, radix: 16, uppercase: true))),"
    }
}
