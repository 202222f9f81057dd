import Testing

@testable import duplex

@Suite struct TransferTextTests {
    private var half: TransferSnapshot {
        var snapshot = TransferSnapshot(name: "Lectures", phase: .fetching, done: 512 << 20, total: 1 << 30)
        snapshot.downRate = 64 << 20
        snapshot.peers = 3
        return snapshot
    }

    @Test func lineForATerminalHasABarAndFits() {
        let line = TransferText(half, name: "x").liveLine(columns: 99)
        #expect(line.hasPrefix("Lectures  ███"))
        #expect(line.hasSuffix("  50 %  512 MiB of 1.00 GiB  64.0 MiB/s  8 s left  3 peers  fetching"))
        #expect(VisibleText.width(line) <= 99)
    }

    @Test func narrowTerminalGetsNoBar() {
        let line = TransferText(half, name: "x").liveLine(columns: 60)
        #expect(!line.contains("█"))
        #expect(line.hasPrefix("Lectures   50 %"))
    }

    @Test func ownRoleIsTold() {
        var snapshot = half
        snapshot.clients = 1
        #expect(TransferText(snapshot, name: "x").plainLine.hasSuffix("fetching and serving"))
        snapshot.phase = .complete
        #expect(TransferText(snapshot, name: "x").plainLine == "Lectures: serving, ↑ 0 B/s, 0 B sent, 3 peers")
    }

    @Test func unknownSizesAreNotInvented() {
        let snapshot = TransferSnapshot(name: nil, phase: .metadata)
        #expect(TransferText(snapshot, name: "hi").plainLine == "hi: asking for the list of files, 0 peers")
        let checking = TransferSnapshot(name: nil, phase: .checking)
        #expect(TransferText(checking, name: "hi").plainLine == "hi: checking what is here")
        let halted = TransferSnapshot(name: nil, phase: .halted)
        #expect(TransferText(halted, name: "hi").plainLine == "hi: paused, `duplex resume` goes on with it")
    }

    @Test func hostileNamesAndMessagesAreEscaped() {
        let snapshot = TransferSnapshot(name: "a\u{1B}[2J", phase: .paused(message: "b\u{7}"))
        #expect(TransferText(snapshot, name: "x").plainLine == "a\\u{1B}[2J: paused: b\\u{7}")
    }

    @Test func progressObjectSumsAllTransfers() {
        let text = ProgressEvent.json([half, half]).text
        #expect(
            text == #"{"event":"progress","done":1073741824,"total":2147483648,"down":134217728,"up":0,"peers":6,"#
                + #""partners":[]}"#)
    }
}

@Suite struct PeerHintsTests {
    @Test func nothingIsSaidTooEarlyOrWhenThereIsAPeer() {
        var hints = PeerHints(known: [], listening: [], isLink: true)
        let lines = hints.due(waiting)
        #expect(lines.isEmpty)
        var connected = waiting
        connected.peers = 1
        let none = hints.due(connected, now: later)
        #expect(none.isEmpty)
    }

    @Test func whoIsToldThatNobodyAnswersIsToldOnceWhenSomebodyDoes() {
        var hints = PeerHints(known: ["192.0.2.7:6881"], listening: [], isLink: true)
        let first = hints.due(waiting, now: later)
        #expect(first.count == 1 && first[0].hasPrefix("No answer yet from 192.0.2.7:6881."))
        var connected = waiting
        connected.peers = 1
        let answers = [waiting, connected, connected, waiting].map { hints.due($0, now: later) }
        #expect(answers == [[], ["Connected."], [], []])
    }

    @Test func aLinkWithoutAddressesMayHaveBeenCutByTheShell() {
        var link = PeerHints(known: [], listening: [], isLink: true)
        var file = PeerHints(known: [], listening: [], isLink: false)
        let (ofLink, ofFile) = (link.due(waiting, now: later), file.due(waiting, now: later))
        #expect(ofLink.count == 2 && ofLink[1].contains("single quotes"))
        #expect(ofFile.count == 1)
    }

    @Test func thatNothingComesFromThoseWhoAreConnectedIsSaidOnceUntilSomethingDoes() {
        var hints = PeerHints(known: [], listening: [], isLink: true)
        var fetching = TransferSnapshot(name: "a", phase: .fetching)
        (fetching.peers, fetching.done, fetching.total) = (1, 5, 10)
        let start = ContinuousClock.now
        let said = [0, 29, 31, 60].map { hints.due(fetching, now: start + .seconds($0)).count }
        #expect(said == [0, 0, 1, 0])
        fetching.done = 6
        let again = [61, 90, 92].map { hints.due(fetching, now: start + .seconds($0)).count }
        #expect(again == [0, 0, 1])
    }

    private let waiting = TransferSnapshot(name: nil, phase: .metadata)

    private var later: ContinuousClock.Instant { .now + .seconds(30) }
}

@Suite struct PlainPaceTests {
    @Test func shortTransfersGetNoLine() {
        var pace = PlainPace()
        let first = pace.isDue(done: 0, total: 10, phase: "a")
        let second = pace.isDue(done: 9, total: 10, phase: "b")
        #expect(!first && !second)
    }
}
