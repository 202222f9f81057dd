import Host
import PeerWire

/// A host that is used by its control API: one that runs already, or one of this command's own when shares are asked for
/// by name.
struct HostTransfers: TransferSite {
    let control: HostControl
    /// The host of this command's own, which ends with it.
    let own: HostService?
    let listenAddresses: [PeerAddress]
    /// Listened to before the transfer begins, so that nothing of it is missed.
    private let happenings: AsyncStream<HostEvent>

    init(_ control: HostControl, own: HostService? = nil) async throws {
        self.control = control
        self.own = own
        listenAddresses = own?.host.listenAddresses ?? []
        happenings = try await control.events()
    }

    func begin(_ request: FetchRequest) async throws -> String {
        do {
            return try await control.post(TransferModel.self, "/transfers", request.order()).id
        } catch let error as ControlError {
            throw CommandFailure(error.description)
        }
    }

    func status(_ id: String) async -> TransferSnapshot? {
        try? await TransferSnapshot(control.get(TransferModel.self, "/transfers/\(id)"))
    }

    func events(_ id: String) async -> AsyncStream<FetchEvent> {
        let (control, happenings) = (control, happenings)
        return AsyncStream { continuation in
            let task = Task {
                // It may have been complete before anybody listened.
                if let now = try? await control.get(TransferModel.self, "/transfers/\(id)"),
                    now.phase == .complete || now.phase == .partial
                {
                    continuation.yield(.done(TransferDone(now)))
                }
                for await event in happenings {
                    if let event = Self.translate(event, id) { continuation.yield(event) }
                }
                continuation.yield(.lost)
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func translate(_ event: HostEvent, _ id: String) -> FetchEvent? {
        switch event {
        case .transferDone(let done) where done.id == id: .done(done)
        case .notice(let notice) where notice.transfer == id: .notice(notice.message)
        case .transferRemoved(id): .failed(message: "the transfer was ended by another command")
        case .transfer(let transfer) where transfer.id == id && transfer.phase == .paused:
            // Without one its user paused it, and may resume it.
            transfer.message.map { .failed(message: $0) }
        default: nil
        }
    }

    func end(_ id: String?) async {
        if let id { try? await control.delete("/transfers/\(id)") }
        await own?.stop()
    }

    func leave() async { await own?.stop() }
}

extension TransferDone {
    /// One that was there before it was asked for.
    init(_ transfer: TransferModel) {
        self.init(
            id: transfer.id, path: "\(transfer.directory ?? "")/\(transfer.name ?? "")", bytes: transfer.total,
            seconds: 0, downloaded: transfer.downloaded, version: transfer.version,
            missing: max(0, transfer.total - transfer.done))
    }
}
