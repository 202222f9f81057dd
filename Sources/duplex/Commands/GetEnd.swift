import ArgumentParser
import Host
import Storage

/// Runs a `get` on whatever does the work, and ends it as the outcome asks for.
struct GetEnd {
    let console: Console
    let interrupts: Interrupts
    let state: StateDirectory

    /// How long a host may take to be started again.
    private static let patience = Duration.seconds(120)

    /// - Parameter again: finds the host again after it has ended, for one that runs elsewhere.
    func run<Site: TransferSite>(
        _ request: FetchRequest, on first: () async throws -> Site, again: (() async -> HostControl?)? = nil
    ) async throws {
        var site = try await first()
        while true {
            let outcome: GetOutcome
            do {
                outcome = try await runOnce(request, on: site)
            } catch {
                console.clearLive()
                await site.end(nil)
                throw StateFolder.explained(error, in: state)
            }
            guard outcome == .lost else {
                if outcome == .interrupted || outcome == .left { throw ExitCode(130) }
                return
            }
            console.clearLive()
            guard let next = try await reconnect(again) as? Site else {
                throw CommandFailure(
                    "the host has ended", why: "it goes on with this transfer when it runs again",
                    remedy: "start it with `duplex up`")
            }
            site = next
        }
    }

    private func runOnce(_ request: FetchRequest, on site: some TransferSite) async throws -> GetOutcome {
        var session = GetSession(site: site, request: request, console: console, interrupts: interrupts)
        let outcome: GetOutcome
        do {
            outcome = try await session.run()
        } catch {
            // A host that runs does not keep what its user was told cannot be done; what is here stays.
            await site.end(session.id)
            throw error
        }
        switch outcome {
        case .lost: break
        // A host that runs anyway serves what is here; one of this command's own ends with it.
        case .left: await site.leave()
        case .done where !request.stays: await site.leave()
        case .done, .interrupted: await site.end(session.id)
        }
        return outcome
    }

    private func reconnect(_ again: (() async -> HostControl?)?) async throws -> HostTransfers? {
        guard let again else { return nil }
        console.remark("The host has ended; waiting for it to run again.")
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, !interrupts.isRaised {
            if let control = await again() { return try await HostTransfers(control) }
            try await Task.sleep(for: .milliseconds(500))
        }
        if interrupts.isRaised { throw ExitCode(130) }
        return nil
    }
}
