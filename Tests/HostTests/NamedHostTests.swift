import PeerWire
import Synchronization
import Testing

@testable import Host

@Suite("Hosts of the settings that go by a name", .timeLimit(.minutes(1)))
struct NamedHostTests {
    /// Answers as a name server would that knows a name only later.
    private final class Names: Sendable {
        let known = Mutex<[String: PeerAddress]>([:])
        let asked = Mutex<[String: Int]>([:])

        var lookUp: HostService.NameLookup {
            { name in
                self.asked.withLock { $0[name, default: 0] += 1 }
                let address = self.known.withLock { $0[name] }
                return address.map { .success([$0]) } ?? .failure(.init("nobody knows it"))
            }
        }

        func count(_ name: String) -> Int { asked.withLock { $0[name] ?? 0 } }
    }

    private let patience = HostService.NamePatience(first: .milliseconds(20), longest: .milliseconds(40))

    @Test("One that is not known yet is a trouble, is looked up again, and used once it is known")
    func later() async throws {
        let scratch = try Scratch()
        let anna = try await scratch.service("anna")
        let bert = try await scratch.service("bert")
        let names = Names()
        var settings = await bert.settings
        settings.hostNames = ["anna.test:1"]
        await bert.reload(settings)
        let notices = await bert.hub.listen()
        await bert.seekNamedHosts(patience: patience, names.lookUp)
        _ = try await eventually { names.count("anna.test:1") >= 3 ? true : nil }
        let troubles = await bert.status().troubles
        #expect(troubles.count == 1 && troubles.first?.contains("anna.test:1") == true)
        #expect(troubles.first?.contains("nobody knows it") == true)
        let found = try #require(await bert.findings().first { $0.id == "names.unknown" })
        #expect(found.severity == "warning" && found.evidence == ["anna.test:1"])
        names.known.withLock { $0["anna.test:1"] = anna.address }
        _ = try await eventually { await bert.directory.list().contains { $0.name == "anna" } ? true : nil }
        #expect(await bert.status().troubles.isEmpty)
        #expect(await bert.doctorFacts().unknownNames == nil)
        await bert.stop()
        await anna.stop()
        // It is told once that it is not known, and once that it is.
        var told: [String] = []
        for await event in notices {
            if case .notice(let notice) = event { told.append(notice.message) }
        }
        #expect(told.count == 2 && told.last?.contains("is known now") == true, "\(told)")
    }

    @Test("One that the settings do not have any more is no trouble and is not looked up")
    func takenOut() async throws {
        let scratch = try Scratch()
        let bert = try await scratch.service("bert")
        let names = Names()
        var settings = await bert.settings
        settings.hostNames = ["old.test:1"]
        await bert.reload(settings)
        await bert.seekNamedHosts(patience: patience, names.lookUp)
        _ = try await eventually { await bert.status().troubles.count == 1 ? true : nil }
        settings.hostNames = ["new.test:1"]
        await bert.reload(settings)
        await bert.seekNamedHosts(patience: patience, names.lookUp)
        _ = try await eventually { await bert.status().troubles.first?.contains("new.test") }
        let before = names.count("old.test:1")
        let later = names.count("new.test:1") + 3
        _ = try await eventually { names.count("new.test:1") >= later ? true : nil }
        #expect(names.count("old.test:1") <= before + 1)
        #expect(await bert.status().troubles.count == 1)
        await bert.stop()
    }
}
