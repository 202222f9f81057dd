import Foundation
import Testing

@testable import Lab

@Suite struct LedgerRecordTests {
    @Test func readsWhatIsWritten() {
        let entries: [LedgerRecord.Entry] = [
            .run(token: "abc"), .folder("/tmp/with space/duplex-lab-abc"), .namespace("duplex-lab-abc-0"),
            .namespace("duplex-lab-abc-1"), .notOurs("duplex-lab-abc-0"),
        ]
        let record = LedgerRecord(parsing: entries.map(\.line).joined())
        #expect(record.token == "abc")
        #expect(record.folders == ["/tmp/with space/duplex-lab-abc"])
        #expect(record.namespaces == ["duplex-lab-abc-1"])
    }

    @Test func aLineThatWasNotWrittenToItsEndDoesNotCount() {
        let record = LedgerRecord(parsing: "run abc\nnamespace duplex-lab-abc-1\nnamespace duplex-lab-abc-2")
        #expect(record.namespaces == ["duplex-lab-abc-1"])
        #expect(LedgerRecord(parsing: "run abc") == LedgerRecord())
        #expect(LedgerRecord(parsing: "") == LedgerRecord())
    }

    @Test(arguments: [
        "namespace duplex-lab-abc-1\n", "run abc\nnamespace other\n", "run abc\nfolder /\n",
        "run abc\nfolder /home\n",
        "run abc\nfolder /home/duplex-lab-other\n",
        "run ../x\nfolder /duplex-lab-../x\n", "run \nfolder /duplex-lab-\n",
        "run abc\nnamespace duplex-lab-abc-/../../x\n", "nonsense\n\n \nrun\n",
    ])
    func believesNothingThatIsNotTheRunsOwn(text: String) {
        let record = LedgerRecord(parsing: text)
        #expect(record.folders.isEmpty)
        #expect(record.namespaces.isEmpty)
    }
}

#if os(Linux)
    @Suite struct LedgerTests {
        private let folder = NSTemporaryDirectory() + "duplex-ledger-\(UUID().uuidString)"

        @Test func onlyTheLedgersOfTheDeadAreLeft() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let alive = try Ledger(RunNames(token: "alive"), in: folder)
            try leaveOne(token: "dead")
            let left = Ledger.left(in: folder)
            #expect(left.map(\.record.token) == ["dead"])
            #expect(left.first?.record.namespaces == ["duplex-lab-dead-0"])
            // Whoever takes one over has it alone.
            #expect(Ledger.left(in: folder).isEmpty)
            for ledger in left { ledger.remove() }
            #expect(FileManager.default.fileExists(atPath: alive.path))
            alive.remove()
            #expect(!FileManager.default.fileExists(atPath: folder))
        }

        @Test func everyLineIsThereAtOnce() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let ledger = try Ledger(RunNames(token: "abc"), in: folder)
            try ledger.note(.namespace("duplex-lab-abc-0"))
            let text = try String(contentsOfFile: ledger.path, encoding: .utf8)
            #expect(text == "run abc\nnamespace duplex-lab-abc-0\n")
            ledger.remove()
        }

        @Test func noFolderNoneLeft() {
            #expect(Ledger.left(in: folder).isEmpty)
        }

        private func leaveOne(token: String) throws {
            let ledger = try Ledger(RunNames(token: token), in: folder)
            try ledger.note(.namespace("duplex-lab-\(token)-0"))
        }
    }

    @Suite struct LabFileTests {
        @Test func sameSeedSameBytes() async throws {
            let folder = NSTemporaryDirectory() + "duplex-labfile-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let paths = (0..<4).map { "\(folder)/\($0)" }
            let size: Int64 = 1_100_001
            try await LabFile.write(paths[0], size: size, seed: 1)
            try await LabFile.write(paths[1], size: size, seed: 1)
            try await LabFile.write(paths[2], size: size, seed: 2)
            try await LabFile.write(paths[3], size: size - 1, seed: 1)
            #expect(try LabFile.read(paths[0], limit: 2_000_000).count == Int(size))
            #expect(try await LabFile.isSame(paths[0], paths[1]))
            #expect(try await !LabFile.isSame(paths[0], paths[2]))
            #expect(try await !LabFile.isSame(paths[0], paths[3]))
            await #expect(throws: LabFailure.self) { try await LabFile.isSame(paths[0], folder + "/nothing") }
            await #expect(throws: LabFailure.self) { try await LabFile.write(paths[0], size: 1, seed: 1) }
        }
    }

    @Suite struct ChildProcessTests {
        @Test func saysItsLinesAndItsStatus() async throws {
            let errors = NSTemporaryDirectory() + "duplex-child-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: errors) }
            let script = "echo one; printf two; echo; echo why >&2; echo $MARK; exit 7"
            let child = try ChildProcess(
                "/bin/sh", ["-c", script], environment: ["MARK": "three"], errorsPath: errors)
            var lines: [String] = []
            while true {
                let ended = child.hasEnded
                lines += child.newLines().map { String(decoding: $0, as: UTF8.self) }
                if ended { break }
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(lines == ["one", "two", "three"])
            #expect(child.exitStatus == 7)
            #expect(child.lastError == "why")
        }

        @Test func canBeEnded() throws {
            let child = try ChildProcess("/bin/sleep", ["1000"], environment: [:], errorsPath: "/dev/null")
            #expect(!child.hasEnded)
            child.end()
            #expect(child.exitStatus == 128 + SIGKILL)
        }

        @Test func whatCannotBeStarted() {
            #expect(throws: LabFailure.self) {
                try ChildProcess("/nonexistent/program", [], environment: [:], errorsPath: "/dev/null")
            }
        }

        @Test func toolsAnswer() throws {
            let tool = SystemTool(path: "/bin/sh")
            let result = try tool.run(["-c", "echo out; echo err >&2; exit 3"])
            #expect(result.status == 3)
            #expect(result.text == "out\nerr\n")
        }
    }
#endif
