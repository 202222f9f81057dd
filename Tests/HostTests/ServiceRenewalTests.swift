import Metainfo
import PeerWire
import Storage
import Testing

@testable import Host

/// What happens to those who have a share when it ends, comes back, or becomes another.
@Suite("A share that comes back", .timeLimit(.minutes(1)))
struct ServiceRenewalTests {
    @Test("Shared again from the same place it is the same share, and those who follow it go on")
    func sharedAgain() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let port = Scratch.ownPort()
        var anna = try await scratch.service("anna", port: port)
        let bert = try await scratch.service("bert", hosts: [anna.address])
        try await share(anna, scratch, "Set", as: "Set")
        let id = try await follow(bert, scratch, "anna", "Set")

        try await anna.shares.remove("Set")
        await bert.hear(of: anna)
        let left = try await bert.transfer(id) { $0.message != nil }
        #expect(left.message == "anna/Set is not offered any more, what is here stays")
        // Also over a restart.
        await anna.stop()
        anna = try await scratch.service("anna", port: port)
        #expect(await anna.shares.list().isEmpty)
        try scratch.write("Set/a", count: 61_000, seed: 2)
        try await share(anna, scratch, "Set", as: "Set")
        try await anna.share("Set") { $0.version == 2 }
        await bert.hear(of: anna)
        let renewed = try await bert.transfer(id) { $0.version == 2 && $0.phase == .complete }
        #expect(renewed.message == nil)
        #expect(scratch.read("to/Set/a") == scratch.read("Set/a"))
        await bert.stop()
        await anna.stop()
    }

    @Test("Another folder under the same name is another share, which replaces the first only when asked to")
    func another() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        try scratch.write("Other/b", count: 50_000, seed: 2)
        let anna = try await scratch.service("anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        try await share(anna, scratch, "Set", as: "Set")
        let id = try await follow(bert, scratch, "anna", "Set")
        try scratch.write("to/Set/a", count: 10, seed: 9)
        let mine = scratch.read("to/Set/a")

        try await anna.shares.remove("Set")
        try await share(anna, scratch, "Other", as: "Set")
        await bert.hear(of: anna)
        let told = try await bert.transfer(id) { $0.message != nil }
        #expect(told.message?.hasPrefix("anna/Set is another share now") == true)
        #expect(scratch.read("to/Set/b") == nil)

        #expect(try await follow(bert, scratch, "anna", "Set") == id)
        _ = try await eventually { scratch.read("to/Set/b") }
        try await bert.transfer(id) { $0.version == 1 && $0.phase == .complete && $0.message == nil }
        #expect(scratch.read("to/Set/b") == scratch.read("Other/b"))
        // What the user had changed is in nobody's way.
        #expect(scratch.read("to/Set/a") == mine)
        await bert.stop()
        bert = try await scratch.service("bert", hosts: [anna.address])
        try await bert.transfer(id) { $0.version == 1 && $0.phase == .complete }
        #expect(await bert.fetches.list([:]).count == 1)
        await bert.stop()
        await anna.stop()
    }

    @Test("An ordinary fetch over an earlier version brings it up to date once, and keeps what its user changed")
    func updated() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        try scratch.write("Set/b", count: 60_000, seed: 2)
        try scratch.write("Set/gone", count: 6000, seed: 3)
        let anna = try await scratch.service("anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        try await share(anna, scratch, "Set", as: "Set")
        let order = order(scratch, "anna", "Set")
        let first = try await bert.fetches.add(order).id
        try await bert.transfer(first) { $0.phase == .complete && $0.version == 1 }
        try scratch.write("to/Set/a", count: 10, seed: 9)
        try scratch.write("to/Set/gone", count: 11, seed: 9)
        let mine = scratch.read("to/Set/a")

        scratch.remove("Set/gone")
        try scratch.write("Set/a", count: 61_000, seed: 4)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 2 && $0.state == .offered }
        let events = await bert.hub.listen()
        let second = try await bert.fetches.add(order).id
        var kept: [KeptFile] = []
        for await event in events {
            guard case .transferDone(let done) = event, done.version == 2 else { continue }
            kept = done.kept
            break
        }
        let now = try await bert.transfer(second) { $0.version == 2 && $0.phase == .complete }
        #expect(!now.follow && now.downloaded < 65_000 + 60_000)
        #expect(scratch.read("to/Set/a") == scratch.read("Set/a"))
        let root = scratch.path + "/to/Set"
        #expect(kept.map(\.path).sorted() == ["\(root)/a", "\(root)/gone"])
        #expect(kept.first { $0.path == "\(root)/gone" }?.keptAs == "\(root)/gone")
        let name = try #require(kept.first { $0.path == "\(root)/a" }?.keptAs.split(separator: "/").last)
        #expect(scratch.read("to/Set/\(name)") == mine)

        // It is not followed.
        try scratch.write("Set/a", count: 62_000, seed: 5)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 3 && $0.state == .offered }
        await bert.hear(of: anna)
        _ = try await bert.fetches.reach("anna")
        #expect(await bert.fetches.list([:]).map(\.version) == [2])
        await bert.stop()
        await anna.stop()
    }

    @Test("What is edited after a fetch is its user's, also when the host stops and another version comes later")
    func editedBeforeAStop() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await scratch.service("anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        try await share(anna, scratch, "Set", as: "Set")
        let first = try await bert.fetches.add(order(scratch, "anna", "Set")).id
        try await bert.transfer(first) { $0.phase == .complete && $0.version == 1 }
        try scratch.write("to/Set/a", count: 10, seed: 9)
        let mine = scratch.read("to/Set/a")
        await bert.stop()
        bert = try await scratch.service("bert", hosts: [anna.address])

        try scratch.write("Set/a", count: 61_000, seed: 4)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 2 && $0.state == .offered }
        var order = order(scratch, "anna", "Set")
        order.follow = true
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.version == 2 && $0.phase == .complete }
        #expect(scratch.read("to/Set/a") == scratch.read("Set/a"))
        let kept = try #require(scratch.list("to/Set").first { $0.contains("kept") })
        #expect(scratch.read("to/Set/\(kept)") == mine)
        await bert.stop()
        await anna.stop()
    }

    @Test("Two programs do not follow one share into one place")
    func onePlace() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await scratch.service("anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        let beside = try await scratch.service("bert", hosts: [anna.address], isLasting: false)
        try await share(anna, scratch, "Set", as: "Set")
        let id = try await follow(bert, scratch, "anna", "Set")
        await #expect(throws: TransferLock.LockError.taken(directory: scratch.path + "/to")) {
            try await follow(beside, scratch, "anna", "Set")
        }
        try await bert.fetches.remove(id)
        _ = try await follow(beside, scratch, "anna", "Set")
        for host in [beside, bert, anna] { await host.stop() }
    }

    @Test("A name that is nearly right is answered with the right one, and a host finds itself at once")
    func spelling() async throws {
        let scratch = try Scratch()
        try scratch.write("Lectures/a", count: 60_000, seed: 1)
        let anna = try await scratch.service("anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        try await share(anna, scratch, "Lectures", as: "Lectures")
        _ = try await bert.fetches.reach("anna")
        let host = await #expect(throws: FetchError.self) { try await bert.fetches.reach("ana") }
        #expect(host?.description == "cannot find a host called ana, did you mean anna?")
        let share = await #expect(throws: FetchError.self) {
            try await bert.fetches.add(order(scratch, "anna", "lecture"))
        }
        #expect(
            share?.description
                == "cannot fetch anna/lecture, it offers nothing of that name, did you mean anna/Lectures?")
        #expect(try await anna.entries(of: "anna", share: nil, path: nil).rows.map(\.name) == ["Lectures"])
        await bert.stop()
        await anna.stop()
    }

    // MARK: Helpers

    private func share(_ host: HostService, _ scratch: Scratch, _ folder: String, as name: String) async throws {
        _ = try await host.shares.add(
            ShareKeeper.Request(
                path: "\(scratch.path)/\(folder)", name: name, scope: .public, format: .hybrid, pieceLength: 16384))
        try await host.share(name) { $0.state == .offered }
    }

    private func order(_ scratch: Scratch, _ host: String, _ share: String) -> FetchOrder {
        _ = try? scratch.folder("to")
        var order = FetchOrder(to: scratch.path + "/to")
        order.host = host
        order.share = share
        return order
    }

    @discardableResult
    private func follow(
        _ host: HostService, _ scratch: Scratch, _ owner: String, _ share: String
    ) async throws -> String {
        var order = order(scratch, owner, share)
        order.follow = true
        let id = try await host.fetches.add(order).id
        try await host.transfer(id) { $0.version == 1 && $0.phase == .complete }
        return id
    }
}

@Suite struct SpellingTests {
    @Test func nearNames() {
        #expect(Spelling.closest(to: "lectrues", among: ["Films", "Lectures"]) == "Lectures")
        #expect(Spelling.closest(to: "anna", among: ["bert"]) == nil)
        #expect(Spelling.closest(to: "", among: ["a"]) == nil)
        #expect(Spelling.closest(to: String(repeating: "a", count: 1000), among: ["a"]) == nil)
    }
}

@Suite struct PackedTests {
    @Test("A share's record is read as this version writes it and as the one before did")
    func entries() throws {
        let entry = ShareEntry(
            id: "1", name: "Set", path: "/Set", scope: .public, format: "hybrid", pieceLength: nil, isFixed: false,
            version: [1, 2, 255])
        let encoded = JSON.encode(entry)
        #expect(String(decoding: encoded, as: UTF8.self).contains("\"AQL/\""))
        #expect(try JSON.decode(ShareEntry.self, from: encoded).version == [1, 2, 255])
        let before = String(decoding: encoded, as: UTF8.self).replacing("\"AQL/\"", with: "[1,2,255]")
        #expect(try JSON.decode(ShareEntry.self, from: before.utf8).version == [1, 2, 255])
        let wrong = before.replacing("[1,2,255]", with: "\"?\"")
        #expect(throws: (any Error).self) { try JSON.decode(ShareEntry.self, from: wrong.utf8) }
    }
}
