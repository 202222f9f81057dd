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

    /// A transfer as the host has answered the order for it.
    struct Begun: Sendable {
        let id: String
        /// Everything was there before; nothing more is heard of it then.
        let there: TransferDone?
    }

    func begin(_ request: FetchRequest) async throws -> Begun {
        do {
            let begun = try await control.post(TransferModel.self, "/transfers", request.order())
            let there = begun.isThere ? begun.brought ?? TransferDone(begun) : request.follow ? begun.brought : nil
            return Begun(id: begun.id, there: there)
        } catch let error as ControlError {
            throw CommandFailure(error.description)
        }
    }

    func status(_ begun: Begun) async -> TransferSnapshot? {
        try? await TransferSnapshot(control.get(TransferModel.self, "/transfers/\(begun.id)"))
    }

    func events(_ begun: Begun) async -> AsyncStream<FetchEvent> {
        let happenings = happenings
        return AsyncStream { continuation in
            let task = Task {
                if let there = begun.there { continuation.yield(.done(there)) }
                for await event in happenings {
                    if let event = Self.translate(event, begun.id) { continuation.yield(event) }
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
        case .transferRemoved(id): .removed
        case .transfer(let transfer) where transfer.id == id && transfer.phase == .paused:
            // Without one its user paused it, and may resume it.
            transfer.message.map { .failed(message: $0) }
        // It was there before, and the host has found that out only now; of what it has brought it tells first.
        case .transfer(let transfer) where transfer.id == id && transfer.isThere: .done(TransferDone(transfer))
        default: nil
        }
    }

    func end(_ begun: Begun?) async {
        if let begun { try? await control.delete("/transfers/\(begun.id)") }
        await own?.stop()
    }

    func leave() async { await own?.stop() }
}

extension TransferModel {
    /// Nothing more is fetched.
    fileprivate var isThere: Bool { phase == .complete || phase == .partial }
}

extension TransferDone {
    /// One that was there before it was asked for.
    init(_ transfer: TransferModel) {
        self.init(
            id: transfer.id, path: "\(transfer.directory ?? "")/\(transfer.name ?? "")", bytes: transfer.total,
            seconds: 0, downloaded: 0, version: transfer.version,
            missing: max(0, transfer.total - transfer.done))
    }
}
