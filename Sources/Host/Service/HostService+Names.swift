import PeerWire

/// Hosts of the settings that go by a name, such as `nas.lan:5227`. The network may not be there when a computer starts, and
/// a name server may not answer for a long time; so nobody waits for them, and a name that leads nowhere is looked up again.
extension HostService {
    /// What a name led to: addresses, or words for why there are none.
    public typealias NameLookup = @Sendable (_ name: String) async -> Result<[PeerAddress], UnknownName>

    public struct UnknownName: Error, Sendable {
        let reason: String

        public init(_ reason: String) {
            self.reason = reason
        }
    }

    /// How long is waited before a name is looked up again: longer each time.
    struct NamePatience: Sendable {
        var first = Duration.seconds(5)
        var longest = Duration.seconds(300)
    }

    /// Looks up the names of the settings, in place of those that were looked up before.
    public func seekNamedHosts(_ lookUp: @escaping NameLookup) {
        seekNamedHosts(patience: NamePatience(), lookUp)
    }

    func seekNamedHosts(patience: NamePatience, _ lookUp: @escaping NameLookup) {
        stopSeeking()
        guard !isStopping else { return }
        for name in Set(settings.hostNames) {
            seeking[name] = Task { [weak self] in
                var wait = patience.first
                while !Task.isCancelled {
                    let found = await lookUp(name)
                    guard !Task.isCancelled, await self?.take(found, for: name) == false else { return }
                    try? await Task.sleep(for: wait)
                    wait = min(wait * 2, patience.longest)
                }
            }
        }
    }

    func stopSeeking() {
        for task in seeking.values { task.cancel() }
        for name in seeking.keys { troubles[Self.topic(name)] = nil }
        seeking = [:]
    }

    /// Names that lead to no address now.
    var unknownNames: [String] { seeking.keys.filter { troubles[Self.topic($0)] != nil }.sorted() }

    /// - Returns: whether there is nothing more to do.
    private func take(_ found: Result<[PeerAddress], UnknownName>, for name: String) async -> Bool {
        // What was waited for may have become another's business meanwhile.
        guard !isStopping, !Task.isCancelled else { return true }
        switch found {
        case .failure(let error):
            guard troubles[Self.topic(name)] == nil else { return false }
            note(
                "the name of the host \(name) is not known now (\(error.reason)), it is looked up again from time to time",
                about: Self.topic(name))
            return false
        case .success(let addresses):
            if troubles.removeValue(forKey: Self.topic(name)) != nil {
                hub.publish(.notice(NoticeModel(message: "the name of the host \(name) is known now")))
            }
            for address in addresses { await directory.given(address) }
            return true
        }
    }

    private static func topic(_ name: String) -> String { "host \(name)" }
}
