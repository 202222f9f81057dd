import Host
import Storage

/// How a command comes to a host: to the one that runs with its state, or to one of its own where that makes sense.
enum HostAccess {
    /// The running host.
    static func running(state option: String?) async throws -> HostControl {
        let state = try StateFolder.open(option: option)
        guard let control = await HostControl.running(with: state) else {
            if state.isForbidden {
                throw CommandFailure(
                    "cannot use the host with the state in \(VisibleText.escaped(state.path))",
                    why: "it belongs to another user", remedy: "run this as that user, or give another --state")
            }
            throw CommandFailure(
                "no host is running with the state in \(VisibleText.escaped(state.path))",
                remedy: "start one with `duplex up`")
        }
        return control
    }

    /// Looks at the network by way of the running host, or of one that lasts as long as the look.
    ///
    /// - Parameter settling: how long one of its own listens before it is asked.
    static func looking<Result>(
        state option: String?, settling: Duration, _ body: (HostControl) async throws -> Result
    ) async throws -> Result {
        let state = try StateFolder.open(option: option)
        if let control = await HostControl.running(with: state) { return try await told { try await body(control) } }
        let service = try await HostStart.service(listen: .address(host: "::", port: 0), state: state)
        do {
            try await Task.sleep(for: settling)
            let result = try await told { try await body(HostControl(service)) }
            await service.stop()
            return result
        } catch {
            await service.stop()
            throw error
        }
    }

    /// What the host says went wrong is said as it is.
    static func told<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ControlError {
            throw CommandFailure(error.description)
        } catch let error as CommandFailure {
            throw error
        } catch  where !(error is CancellationError) {
            throw CommandFailure("the host does not answer any more", remedy: "start it again with `duplex up`")
        }
    }
}
