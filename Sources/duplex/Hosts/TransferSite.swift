import Host
import Metainfo
import PeerWire

/// Where a transfer of `get` goes on: in this process, or in a host that runs already.
protocol TransferSite: Sendable {
    associatedtype ID: Sendable

    /// Where others can reach it.
    var listenAddresses: [PeerAddress] { get }

    func begin(_ request: FetchRequest) async throws -> ID
    func status(_ id: ID) async -> TransferSnapshot?
    /// What happens to the transfer from its beginning; for one reader.
    func events(_ id: ID) async -> AsyncStream<FetchEvent>
    /// The user wants no more of it: what is verified is kept, the same command goes on from there.
    func end(_ id: ID?) async
    /// The command is done with it. What is here is served on by a host that runs anyway.
    func leave() async
}

/// What happens to a transfer, for the command that waits for it.
enum FetchEvent: Sendable {
    case metadata(name: String, files: Int, bytes: Int64)
    case done(TransferDone)
    /// A file of a web server is there.
    case fetched(WebDownloadResult)
    case notice(String)
    /// It cannot go on, and nothing is to be added to why.
    case gaveUp(CommandFailure)
    case failed(message: String)
    /// Somebody ended the transfer at the host: nothing comes of it any more.
    case removed
    /// The host that does it has ended.
    case lost
}

/// A host in this process that does nothing else.
struct OwnTransfers: TransferSite {
    let host: DuplexHost

    var listenAddresses: [PeerAddress] { host.listenAddresses }

    func begin(_ request: FetchRequest) async throws -> TransferID { try await request.start(on: host) }

    func status(_ id: TransferID) async -> TransferSnapshot? { await host.status(id).map(TransferSnapshot.init) }

    func events(_ id: TransferID) async -> AsyncStream<FetchEvent> {
        let events = await host.events(id)
        return AsyncStream { continuation in
            let task = Task {
                for await event in events {
                    continuation.yield(await translate(event, id))
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func translate(_ event: TransferEvent, _ id: TransferID) async -> FetchEvent {
        switch event {
        case .metadata(let info):
            return .metadata(name: info.name, files: info.files.count { !$0.isPadding }, bytes: info.totalSize)
        case .done(let path, let bytes, let seconds):
            let status = await host.status(id)
            return .done(
                TransferDone(
                    path: path, bytes: bytes, seconds: seconds, downloaded: status?.downloaded ?? 0,
                    copied: status?.copied ?? 0))
        case .notice(let text): return .notice(text)
        case .failed(let message), .gone(let message): return .failed(message: message)
        }
    }

    func end(_ id: TransferID?) async { await host.stop() }

    func leave() async { await host.stop() }
}
