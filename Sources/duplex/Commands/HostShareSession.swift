import ArgumentParser
import Foundation
import Host
import Metainfo
import PeerWire

/// `share` by way of a host: one that runs, which goes on with it, or one of this command's own, which ends with it.
struct HostShareSession {
    let control: HostControl
    let own: HostService?
    let console: Console
    let interrupts: Interrupts

    /// Has the host share each path, and tells when it is offered. Returns them as they were told of.
    @discardableResult
    func offer(_ orders: [ShareOrder]) async throws -> [ShareModel] {
        var told: [ShareModel] = []
        let status = try? await control.get(StatusModel.self, "/status")
        let name = status?.name ?? "HOST"
        for order in orders {
            let before = try await HostAccess.told { try await control.get(ListModel<ShareModel>.self, "/shares") }.rows
            let share = try await HostAccess.told { try await control.post(ShareModel.self, "/shares", order) }
            let ready = try await offered(share, isNew: !before.contains { $0.name == share.name })
            announce(ready, of: name, inbox: ready.inbox ? try await inboxAddress(ready.name) : nil)
            if ready.scope == .link, before.contains(where: { $0.name == ready.name && $0.scope == .public }) {
                console.remark(
                    "\(VisibleText.escaped(ready.name)) was for everybody and is for whoever has the link now; with --public it "
                        + "is for everybody again.")
            }
            told.append(ready)
        }
        let listening = (status?.listen ?? []).compactMap { PeerAddress(parsing: $0) }
        if !listening.isEmpty, listening.allSatisfy(\.isLoopback) {
            console.remark(
                "This host takes connections from this computer only (setting listen); others cannot fetch from it.")
        }
        return told
    }

    /// - Parameter isNew: it was not shared before this command: then it is not remembered if it cannot be offered.
    private func offered(_ begun: ShareModel, isNew: Bool) async throws -> ShareModel {
        var pace = PlainPace()
        let start = ContinuousClock.now
        let target = "/shares/\(PercentCoding.encoded(begun.name))"
        while true {
            let share = try await HostAccess.told { try await control.get(ShareModel.self, target) }
            switch share.state {
            case .offered:
                console.clearLive()
                return share
            case .missing, .failed:
                console.clearLive()
                if isNew { try? await control.delete(target) }
                throw CommandFailure(share.message ?? "the share cannot be offered")
            case .hashing:
                show(share, &pace, since: start)
            }
            if interrupts.isRaised || console.isClosed {
                console.clearLive()
                if isNew { try? await control.delete(target) }
                throw ExitCode(130)
            }
            try await Task.sleep(for: .milliseconds(share.toHash == nil ? 10 : 100))
        }
    }

    private func show(_ share: ShareModel, _ pace: inout PlainPace, since start: ContinuousClock.Instant) {
        guard let total = share.toHash, let done = share.hashed, total > 0 else { return }
        console.emit(ProgressEvent.json(done: done, total: total))
        let text = HashingText(
            verb: "Hashing", name: VisibleText.escaped(share.name), done: done, total: total,
            seconds: (ContinuousClock.now - start).inSeconds)
        if console.isLive {
            console.live(text.liveLine(columns: console.liveColumns))
        } else if pace.isDue(done: done, total: total, phase: "hashing") {
            console.remark(text.plainLine)
        }
    }

    /// Where browsers bring files; nil for a host without pages.
    private func inboxAddress(_ share: String) async throws -> String? {
        let settings = try await HostAccess.told { try await control.get(SettingsModel.self, "/settings") }
        return settings.web.first.map { "\($0)/s/\(PercentCoding.encoded(share))/" }
    }

    private func announce(_ share: ShareModel, of host: String, inbox: String?) {
        for line in OmissionText.lines(share.omitted ?? [], of: share.name) { console.warn(line) }
        let link = share.magnet.flatMap { try? MagnetLink(parsing: $0) }
        console.emit([
            "event": "sharing", "name": .string(share.name), "magnet": JSONValue(share.magnet),
            "infoHashV1": JSONValue(share.infoHashV1), "infoHashV2": JSONValue(share.infoHashV2),
            "listen": .array((link?.peers ?? []).map(JSONValue.string)), "scope": .string(share.scope.rawValue),
            "version": .integer(share.version), "inbox": JSONValue(inbox),
        ])
        if share.inbox, inbox == nil {
            console.warn(
                "duplex: nobody can put files into \(VisibleText.escaped(share.name)), this host has no page for browsers "
                    + "(setting web is off), turn it on and start the host again")
        }
        guard !console.isJSON else { return }
        console.say(
            "Sharing \(console.resultTerminal.bold(VisibleText.escaped(share.name))): \(ByteCount.size(share.bytes)) in "
                + "\(ByteCount.counted(share.files, "file")), "
                + (share.scope == .public ? "for everybody on this network" : "for whoever has the link"))
        console.say()
        if let inbox {
            console.say("Visitors put files into it here:")
            console.say("  \(inbox)")
            console.say("  curl -T FILE \(VisibleText.shellQuoted(inbox))")
            console.say()
        }
        // An empty inbox has nothing to be fetched.
        guard share.magnet != nil else { return }
        console.say("On another computer:")
        if share.scope == .public { console.say("  duplex get \(VisibleText.shellQuoted("\(host)/\(share.name)"))") }
        if let link { console.say("  duplex get " + VisibleText.shellQuoted(link.description)) }
        console.say()
    }

    /// What was said last of a share.
    private struct Told {
        var trouble: String?
        var remark: String?
    }

    /// A host of this command's own serves until Ctrl-C.
    func stay(with offered: [ShareModel]) async {
        var pace = PlainPace()
        var told: [String: Told] = [:]
        for share in offered { told[share.name] = Told(remark: Self.remark(on: share)) }
        while !interrupts.isRaised, !console.isClosed {
            for share in (try? await control.get(ListModel<ShareModel>.self, "/shares"))?.rows ?? [] {
                tell(share, &told)
            }
            if let status = try? await control.get(StatusModel.self, "/status") {
                let snapshots = status.transfers.map(TransferSnapshot.init)
                console.emit(ProgressEvent.json(snapshots))
                let text = ShareText(snapshots)
                console.live(text.line)
                if !console.isLive, text.isActive, pace.isDue(done: 0, total: 0, phase: "sharing") {
                    console.remark(text.line)
                }
            }
            try? await Task.sleep(for: LookInterval.value)
        }
        console.clearLive()
    }

    /// What an empty inbox waits for is no remark on what is offered.
    private static func remark(on share: ShareModel) -> String? { share.magnet == nil ? nil : share.message }

    /// That a share is offered no more, and that it is again; that something is left out of it since, and that it is not.
    private func tell(_ share: ShareModel, _ told: inout [String: Told]) {
        // While it is hashed nothing is known yet.
        guard share.state != .hashing else { return }
        let before = told[share.name] ?? Told()
        var now = before
        now.trouble = share.state == .offered ? nil : share.message
        if share.state == .offered { now.remark = Self.remark(on: share) }
        told[share.name] = now
        let name = VisibleText.escaped(share.name)
        if now.trouble == nil, before.trouble != nil { console.remark("\(name) is offered again.") }
        for (text, last) in [(now.trouble, before.trouble), (now.remark, before.remark)] where text != last {
            if let text { console.warn("duplex: \(name): \(VisibleText.escaped(text))") }
        }
        if now.remark == nil, before.remark != nil { console.remark("\(name): all of it may be read again.") }
    }
}
