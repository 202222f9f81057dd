import Host
import Storage

/// Starts the host inside the command's own process, for as long as the command lasts.
enum HostStart {
    static func start(listen: ListenPreference, state: StateDirectory) async throws -> DuplexHost {
        try await DuplexHost.start(HostConfiguration(listen: listen, state: state))
    }

    /// One that finds others by name.
    static func service(listen: ListenPreference? = nil, state: StateDirectory) async throws -> HostService {
        var settings = HostSettings(name: HostName.ofThisComputer, listen: listen ?? .automatic)
        // It offers nothing: nobody has to hear of it.
        settings.isQuiet = true
        return try await HostService.start(settings, state: state, isLasting: false)
    }

    /// A host that runs listens where it was told to.
    static func refuseListen(_ listen: ListenPreference?) throws(CommandFailure) {
        guard listen != nil else { return }
        throw CommandFailure(
            "cannot listen elsewhere", why: "a host is running (`duplex up`) and does the work",
            remedy: "leave --listen out, or use another --state DIR")
    }
}
