/// Events as text: `event:` and `data:` lines (HTML Living Standard, server-sent events).
enum EventText {
    /// What happens from now on, for one client. A comment now and then shows that the connection is alive.
    static func stream(_ hub: EventHub) -> AsyncStream<[UInt8]> {
        let events = hub.listen()
        // A client that does not read misses the oldest, here as in the hub.
        return AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            continuation.yield(Array(": duplex\n\n".utf8))
            let forwarding = Task {
                for await event in events { continuation.yield(bytes(of: event)) }
                continuation.finish()
            }
            let beating = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(15))
                    continuation.yield(Array(":\n\n".utf8))
                }
            }
            continuation.onTermination = { _ in
                forwarding.cancel()
                beating.cancel()
            }
        }
    }

    static func bytes(of event: HostEvent) -> [UInt8] {
        let (name, json) = encode(event)
        return Array("event: \(name)\ndata: ".utf8) + json + Array("\n\n".utf8)
    }

    private static func encode(_ event: HostEvent) -> (String, [UInt8]) {
        switch event {
        case .share(let share): ("share", JSON.encode(share))
        case .shareRemoved(let name): ("shareRemoved", JSON.encode(["name": name]))
        case .transfer(let transfer): ("transfer", JSON.encode(transfer))
        case .transferRemoved(let id): ("transferRemoved", JSON.encode(["id": id]))
        case .transferDone(let done): ("done", JSON.encode(done))
        case .notice(let notice): ("notice", JSON.encode(notice))
        case .hostFound(let host): ("host", JSON.encode(host))
        case .hostGone(let name): ("hostGone", JSON.encode(["name": name]))
        case .status(let status): ("status", JSON.encode(status))
        }
    }

    /// The event that a client reads; nil for one that it does not know.
    static func decode(name: String, data: some Sequence<UInt8>) -> HostEvent? {
        func value<Value: Decodable>(_ type: Value.Type) -> Value? { try? JSON.decode(type, from: data) }
        return switch name {
        case "share": value(ShareModel.self).map(HostEvent.share)
        case "shareRemoved": value([String: String].self)?["name"].map { .shareRemoved(name: $0) }
        case "transfer": value(TransferModel.self).map(HostEvent.transfer)
        case "transferRemoved": value([String: String].self)?["id"].map { .transferRemoved(id: $0) }
        case "done": value(TransferDone.self).map(HostEvent.transferDone)
        case "notice": value(NoticeModel.self).map(HostEvent.notice)
        case "host": value(HostModel.self).map(HostEvent.hostFound)
        case "hostGone": value([String: String].self)?["name"].map { .hostGone(name: $0) }
        case "status": value(StatusModel.self).map(HostEvent.status)
        default: nil
        }
    }
}
