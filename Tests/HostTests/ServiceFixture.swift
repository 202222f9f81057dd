import Metainfo
import NIOCore
import PeerWire
import Storage
import Synchronization
import Testing
import Transport

@testable import Host

extension Scratch {
    /// A lasting host on loopback that neither looks for others nor is found, except by address.
    func service(
        _ name: String, hosts: [PeerAddress] = [], port: UInt16 = 0, isLasting: Bool = true
    ) async throws -> HostService {
        let settings = HostSettings(
            name: name, listen: .address(host: "127.0.0.1", port: port), hosts: hosts.map(\.description),
            discovery: false)
        return try await HostService.start(
            settings, state: StateDirectory(path: "\(path)/state-\(name)"), isLasting: isLasting)
    }
}

extension HostService {
    nonisolated var address: PeerAddress { host.listenAddresses[0] }

    /// As if discovery had told that the host there has changed.
    func hear(of other: HostService) async {
        await directory.found(instance: await other.currentName, addresses: [other.address])
    }

    /// Waits until a share is as it should be.
    @discardableResult
    func share(_ name: String, when isSo: (ShareModel) -> Bool) async throws -> ShareModel {
        while true {
            if let share = await shares.share(named: name), isSo(share) { return share }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @discardableResult
    func transfer(_ id: String, when isSo: (TransferModel) -> Bool) async throws -> TransferModel {
        while true {
            if let transfer = await fetches.model(id), isSo(transfer) { return transfer }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension FetchKeeper {
    /// Whether a fetch is over in every respect; that it is complete is seen a little sooner.
    func isServing(_ id: String) -> Bool {
        guard let fetch = live[id] else { return false }
        return fetch.entry.isComplete && fetch.transfer != nil && fetch.next == nil && !fetch.isSettling
    }
}

/// Waits until there is something.
func eventually<Value>(_ look: () async throws -> Value?) async throws -> Value {
    while true {
        if let value = try await look() { return value }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// A host that answers what it is told to, and serves no torrent.
final class FakeHost: HTTPService {
    let identity = HostIdentity.fresh()
    private let replies = Mutex<[String: HTTPReply]>([:])
    let asked = Mutex<[String]>([])
    /// Called behind each answer with what was asked for.
    let answered = Mutex<(@Sendable (String) throws -> Void)?>(nil)

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        asked.withLock { $0.append(request.target) }
        let reply = replies.withLock { $0[request.target] } ?? .text(404, "nothing")
        try? answered.withLock { $0 }?(request.target)
        return reply
    }

    func set(_ target: String, _ status: Int, _ bytes: [UInt8]) {
        replies.withLock { $0["/duplex/" + target] = .bytes(status, bytes, type: "text/plain") }
    }

    /// Offers shares of one name, with whatever version and torrent.
    func offer(_ name: String, claiming number: Int64, _ version: [UInt8]?, _ torrent: Torrent?, as key: String? = nil)
    {
        let document = HostDocument(
            name: "fake", key: key ?? identity.hexadecimal, roles: [], load: nil,
            shares: [
                HostDocument.Share(name: name, kind: .folder, bytes: 1, files: 1, version: number, modified: nil)
            ], truncated: false, hosts: [])
        set("host", 200, JSON.encode(document))
        let place = "shares/\(PercentCoding.encoded(name))"
        if let version { set("\(place)/version", 200, version) }
        if let torrent { set("\(place)/torrent", 200, torrent.encoded()) }
    }

    func version(
        _ name: String, _ torrent: Torrent, _ number: Int64, share: String = "share", by other: HostIdentity? = nil
    ) throws -> [UInt8] {
        try ShareVersion(
            name: name, hashes: torrent.info.hashes, number: number, share: Array(share.utf8),
            key: (other ?? identity).key
        ).item.encoded()
    }
}

extension Scratch {
    func fake() async throws -> (FakeHost, DuplexHost) {
        let fake = FakeHost()
        let state = try StateDirectory(path: "\(path)/state-fake")
        let host = try await DuplexHost.start(
            HostConfiguration(listen: .address(host: "127.0.0.1", port: 0), state: state, web: fake),
            pool: DiskPool(workers: 1))
        return (fake, host)
    }
}
