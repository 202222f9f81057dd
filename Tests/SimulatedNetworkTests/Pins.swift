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
    "20 % loss": Pin(13.423339, 20815, 8315, 2665, 43663360, 55, 0, 0x5F65E024076A3CDD),
    "50 torrents at once": Pin(4.943774, 30553, 26888, 9660, 158269440, 300, 0, 0xBCDA522A919E2103),
    "flash crowd": Pin(5.571868, 856601, 1604196, 52448, 859308032, 7095, 0, 0xE3680F9EACCE8C3A),
    "half of the hosts asleep": Pin(14.991, 62585, 49725, 11381, 186466304, 210, 0, 0x899CBD12DFD06D82),
    "one peer of ten sends garbage": Pin(1.225058, 7733, 8268, 4974, 81494016, 59, 9, 0xD5132F2D0325E299),
    "source leaves after one copy": Pin(3.992017, 51038, 51765, 8192, 134217728, 136, 0, 0x1F6CA4B14D505876),
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
