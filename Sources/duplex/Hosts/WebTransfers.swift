import Host
import PeerWire

/// A file that the command fetches from a web server itself. A host that runs has no part in it, and is told of it.
struct WebTransfers: TransferSite {
    let download: WebDownload
    let host: HostReports?

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
        await host?.tell(status.downloaded)
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

    func end(_ id: String?) async {
        await download.stop()
        await host?.end(await download.status.downloaded)
    }

    func leave() async { await end(nil) }
}
