import Host
import PeerWire

/// A file that the command fetches from a web server itself; no host has a part in it.
struct WebTransfers: TransferSite {
    let download: WebDownload

    var listenAddresses: [PeerAddress] { [] }

    func begin(_ request: FetchRequest) async throws -> String {
        await download.begin()
        return download.name
    }

    func status(_ id: String) async -> TransferSnapshot? {
        let status = await download.status
        var snapshot = TransferSnapshot(
            name: status.name, phase: status.checked == nil ? .fetching : .checking,
            done: status.checked ?? status.done, total: status.total)
        snapshot.downRate = status.rate
        snapshot.downloaded = status.downloaded
        snapshot.server = download.server
        return snapshot
    }

    func events(_ id: String) async -> AsyncStream<FetchEvent> {
        let events = download.events
        return AsyncStream { continuation in
            let task = Task {
                for await event in events {
                    switch event {
                    case .notice(let text): continuation.yield(.notice(text))
                    case .done(let result): continuation.yield(.fetched(result))
                    case .failed(let failure): continuation.yield(.gaveUp(CommandFailure(failure.description)))
                    }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    func end(_ id: String?) async { await download.stop() }

    func leave() async { await download.stop() }
}
