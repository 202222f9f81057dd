import PeerWire

extension HostService {
    /// What others call this host now.
    public var currentName: String { name }

    /// This host in both of its roles.
    func status() async -> StatusModel {
        let transfers = await transfers()
        let hosts = await directory.list().count
        let totals = await noteRoles()
        var status = StatusModel(
            name: name, key: identity.hexadecimal, version: DuplexVersion.text,
            listen: host.listenAddresses.map(\.description), roles: roles(transfers),
            uptime: Int((ContinuousClock.now - started).components.seconds),
            asClient: Self.totals(transfers, rate: \.down, bytes: totals.downloaded, partners: \.downloaded),
            asServer: Self.totals(transfers, rate: \.up, bytes: totals.uploaded, partners: \.uploaded),
            shares: await shares.count, hosts: hosts, transfers: Array(transfers.prefix(ListLimit.rows)),
            truncated: transfers.count > ListLimit.rows, troubles: troubles.values.sorted())
        status.figures = FigureModel.all(
            Metric.Measured(status: status, web: webFigures, swarms: pages?.tracker.swarmCount ?? 0))
        return status
    }

    /// What is fetched and what is served; of the shares only those that somebody asks for or has asked for.
    func transfers() async -> [TransferModel] {
        let activity = await host.activity()
        let fetched = await fetches.list(activity)
        return fetched + (await shares.served(activity))
    }

    func roles() async -> [HostRole] {
        let transfers = await transfers()
        await noteRoles()
        return roles(transfers, offersSomething: await shares.offersPublicly)
    }

    /// Looks whether something was sent since the last look.
    @discardableResult
    func noteRoles() async -> PayloadTotals {
        let totals = await host.totals()
        roleMemory.note(uploaded: totals.uploaded, at: .now)
        return totals
    }

    private func roles(_ transfers: [TransferModel], offersSomething: Bool = false) -> [HostRole] {
        let isClient = transfers.contains { [.metadata, .fetching].contains($0.phase) }
        let isServer =
            offersSomething || roleMemory.isServer(at: .now)
            || transfers.contains { $0.clients > 0 || $0.up > 0 || $0.kind == .share }
        return (isClient ? [.client] : []) + (isServer ? [.server] : [])
    }

    private static func totals(
        _ transfers: [TransferModel], rate: KeyPath<TransferModel, Int64>, bytes: Int64,
        partners: KeyPath<PartnerModel, Int64>
    ) -> RoleTotals {
        let active = transfers.filter { $0[keyPath: rate] > 0 }
        let names = transfers.flatMap(\.partners).filter { $0[keyPath: partners] > 0 }.map(\.address)
        return RoleTotals(
            rate: transfers.reduce(0) { $0 &+ $1[keyPath: rate] },
            bytes: bytes, transfers: active.count, partners: Set(names).count)
    }
}

/// Which Duplex this is.
public enum DuplexVersion {
    public static let text = "0.1.0"
}
