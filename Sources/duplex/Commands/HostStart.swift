import Host
import Storage

/// Starts the host inside the command's own process, for as long as the command lasts.
enum HostStart {
    static func start(listen: ListenPreference, state: StateDirectory) async throws -> DuplexHost {
        try await DuplexHost.start(HostConfiguration(listen: listen, state: state))
    }
}
