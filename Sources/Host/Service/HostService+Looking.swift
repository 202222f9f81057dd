import PeerWire

extension HostService {
    /// What others call this host now.
    public var currentName: String { name }

    /// This host in both of its roles.
    func status() async -> StatusModel {
        let transfers = await transfers()
        let hosts = await directory.list().count
        let totals = await noteRoles()
        let (web, downloads) = (webFigures.visitors.model(), commandDownloads.model())
        var status = StatusModel(
            name: name, key: identity.hexadecimal, version: DuplexVersion.text,
            listen: host.listenAddresses.map(\.description), roles: roles(transfers),
            uptime: Int((ContinuousClock.now - started).components.seconds),
            asClient: Self.totals(transfers, rate: \.down, bytes: totals.downloaded, partners: \.downloaded, downloads),
            asServer: Self.totals(transfers, rate: \.up, bytes: totals.uploaded, partners: \.uploaded, web),
            shares: await shares.count, hosts: hosts, transfers: Array(transfers.prefix(ListLimit.rows)),
            truncated: transfers.count > ListLimit.rows, troubles: troubles.values.sorted(), web: web,
            downloads: downloads)
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

    /// Looks whether something was sent, or brought by visitors, since the last look.
    @discardableResult
    func noteRoles() async -> PayloadTotals {
        let totals = await host.totals()
        let web = webFigures.visitors.model()
        roleMemory.note(uploaded: totals.uploaded &+ web.uploaded &+ web.downloaded, at: .now)
        return totals
    }

    private func roles(_ transfers: [TransferModel], offersSomething: Bool = false) -> [HostRole] {
        let isClient =
            commandDownloads.model().transfers > 0
            || transfers.contains { [.metadata, .fetching].contains($0.phase) }
        let isServer =
            offersSomething || roleMemory.isServer(at: .now) || webFigures.visitors.model().transfers > 0
            || transfers.contains { $0.clients > 0 || $0.up > 0 || ($0.kind == .share && $0.uploaded > 0) }
        return (isClient ? [.client] : []) + (isServer ? [.server] : [])
    }

    /// - Parameter web: what is no transfer: visitors in the role of a server, web servers in that of a client.
    private static func totals(
        _ transfers: [TransferModel], rate: KeyPath<TransferModel, Int64>, bytes: Int64,
        partners: KeyPath<PartnerModel, Int64>, _ web: WebTrafficModel
    ) -> RoleTotals {
        let active = transfers.filter { $0[keyPath: rate] > 0 }
        let names = transfers.flatMap(\.partners).filter { $0[keyPath: partners] > 0 }.map(\.address)
        // A computer that is a peer and looks at the pages too is one partner.
        let known = Set(names + names.compactMap { PeerAddress(parsing: $0)?.ipText })
        let others = web.partners.count(where: { !known.contains($0.address) })
        return RoleTotals(
            rate: transfers.reduce(0) { $0 &+ $1[keyPath: rate] } &+ web.up &+ web.down,
            bytes: bytes &+ web.uploaded &+ web.downloaded, transfers: active.count + web.transfers,
            partners: Set(names).count + others)
    }
}

/// Which Duplex this is.
public enum DuplexVersion {
    public static let text = "0.1.0"
}
