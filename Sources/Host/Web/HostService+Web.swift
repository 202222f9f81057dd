import PeerWire
import Storage
import Transport

/// The web side of a host.
extension HostService {
    func startWeb() async throws {
        try await startOwner()
        guard settings.web != .off else { return }
        DescriptorLimit.raise(to: max(16_384, settings.webLimits.connections * 2))
        let service = WebService(
            pool: host.pool, peerPort: host.listenAddresses.first?.port ?? 0,
            figures: webFigures, metrics: settings.metrics,
            uploads: try await startUploads(),
            status: { [weak self] in await self?.status() })
        pages = service
        let ports = isLasting ? try RecordFolder(state, kind: "ports") : nil
        let earlier = (try? ports?.load(Self.webPort)).flatMap(\.self).flatMap {
            try? JSON.decode(UInt16.self, from: $0)
        }
        let side = try await WebSide.start(
            service, at: settings.web.candidates(listen: settings.listen, earlier: earlier), option: "--web",
            limits: HTTPLimits(settings.webLimits))
        web = side
        if let port = webPortInstead, port != earlier { try? ports?.save(JSON.encode(port), as: Self.webPort) }
    }

    private static let webPort = "web"

    /// The port of the pages, where the usual one was wanted and was taken.
    public var webPortInstead: UInt16? {
        guard settings.web == .automatic, let web, web.port != WebPreference.usualPort else { return nil }
        return web.port
    }

    /// Where browsers can reach this host: `http://HOST:PORT`; none when it has no web side.
    public var webAddresses: [String] { web?.addresses ?? [] }

    private func startOwner() async throws {
        let candidates = settings.owner.ownerCandidates
        guard !candidates.isEmpty else { return }
        let service = OwnerService(ControlAPI(self), token: try OwnerToken.load(state), metrics: settings.metrics) {
            [weak self] in await self?.status()
        }
        let side = try await WebSide.start(
            service, at: candidates, option: "--owner", limits: HTTPLimits(body: 4 << 20, connections: 64))
        service.listens(at: side.port)
        owner = side
        ownerPages = service
    }

    /// Where the owner's page is; nil when there is none.
    public var ownerAddress: String? { owner.map { "http://127.0.0.1:\($0.port)" } }

    func stopWeb() async {
        await web?.stop()
        await owner?.stop()
    }

    /// What pages show from now on.
    func publishWeb(_ offers: [String: Catalogue.Offer]) async {
        guard web != nil, let pages else { return }
        pages.publish(
            hostName: name, offers: offers, inboxes: await shares.inboxes, missing: await shares.missing,
            neighbours: await directory.webNeighbours)
    }

    /// Others come and go. What is offered stays as it is shown, since what is known of it here may be older.
    func publishNeighbours() async {
        guard web != nil, let pages else { return }
        pages.publish(neighbours: await directory.webNeighbours)
    }

    // MARK: Uploads

    private func startUploads() async throws -> UploadKeeper {
        let uploads = try UploadKeeper(pool: host.pool, state: isLasting ? state : nil)
        let shares = shares
        await uploads.start(
            limits: settings.uploads, arrived: { await shares.arrived($0) },
            complain: { [weak self] inbox, error in await self?.complain(of: inbox, error) })
        await uploads.restore(await shares.inboxes)
        return uploads
    }

    /// Not again for each visitor.
    private func complain(of inbox: Inbox, _ error: any Error) {
        let text =
            error as? UploadError == .diskFull
            ? "the disk is full but for what is kept free (setting inbox-reserve)" : "\(error)"
        let message = "uploads into \(inbox.name) are refused, \(text)"
        guard troubles["inbox \(inbox.shareID)"] != message else { return }
        note(message, about: "inbox \(inbox.shareID)")
    }

    /// Now and then: gives up uploads that nobody goes on with.
    func sweepUploads() async {
        await pages?.uploads.sweep(await shares.inboxes)
    }
}

extension HostDirectory {
    /// The other hosts and where their pages are.
    var webNeighbours: [WebNeighbour] {
        rows().map { row in
            let host = row.host
            let port = host.document?.web ?? 0
            let address = host.answering.flatMap { port == 0 || $0.isIPv6 && $0.isLinkLocal ? nil : $0.withPort(port) }
            let shares = host.document?.shares ?? []
            return WebNeighbour(
                name: row.model.name, origin: address.map { WebOrigin(address: $0) },
                isDedicated: row.model.roles.contains(.dedicated),
                shares: Dictionary(
                    shares.map { ($0.name, [$0.infoHashV1, $0.infoHashV2].compactMap(\.self)) },
                    uniquingKeysWith: { first, _ in first }))
        }
    }
}
