import Host
import Metainfo

/// A host's status for people and for programs.
enum StatusText {
    static func json(_ status: StatusModel) -> JSONValue {
        [
            "name": .string(status.name), "key": .string(status.key), "version": .string(status.version),
            "listen": .array(status.listen.map(JSONValue.string)),
            "roles": .array(status.roles.map { .string($0.rawValue) }), "uptime": JSONValue(status.uptime),
            "client": json(status.asClient), "server": json(status.asServer), "shares": JSONValue(status.shares),
            "hosts": JSONValue(status.hosts), "transfers": .array(status.transfers.map(json)),
            "truncated": .bool(status.truncated), "troubles": .array(status.troubles.map(JSONValue.string)),
            "figures": .array(status.figures.map(json)), "web": json(status.web),
            "downloads": json(status.downloads),
        ]
    }

    private static func json(_ web: WebTrafficModel) -> JSONValue {
        [
            "up": .integer(web.up), "down": .integer(web.down), "uploaded": .integer(web.uploaded),
            "downloaded": .integer(web.downloaded), "transfers": JSONValue(web.transfers),
            "partners": .array(
                web.partners.map {
                    [
                        "address": .string($0.address), "up": .integer($0.up), "down": .integer($0.down),
                        "uploaded": .integer($0.uploaded), "downloaded": .integer($0.downloaded),
                    ]
                }),
        ]
    }

    private static func json(_ totals: RoleTotals) -> JSONValue {
        [
            "rate": .integer(totals.rate), "bytes": .integer(totals.bytes), "transfers": JSONValue(totals.transfers),
            "partners": JSONValue(totals.partners),
        ]
    }

    private static func json(_ figure: FigureModel) -> JSONValue {
        [
            "name": .string(figure.name),
            "labels": .array(figure.labels.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "value": .integer(figure.value),
        ]
    }

    private static func json(_ transfer: TransferModel) -> JSONValue {
        [
            "id": .string(transfer.id), "kind": .string(transfer.kind.rawValue), "name": JSONValue(transfer.name),
            "phase": .string(transfer.phase.rawValue), "message": JSONValue(transfer.message),
            "done": .integer(transfer.done), "total": .integer(transfer.total), "down": .integer(transfer.down),
            "up": .integer(transfer.up), "downloaded": .integer(transfer.downloaded),
            "uploaded": .integer(transfer.uploaded), "peers": JSONValue(transfer.peers),
            "webSeeds": JSONValue(transfer.webSeeds), "clients": JSONValue(transfer.clients),
            "directory": JSONValue(transfer.directory),
            "host": JSONValue(transfer.host), "share": JSONValue(transfer.share), "follow": .bool(transfer.follow),
            "version": .integer(transfer.version),
        ]
    }

    /// So many visitors and web servers have a row, the latest.
    private static let shownPartners = 10

    static func lines(_ status: StatusModel) -> [String] {
        let hasUploads = status.value(of: .webPayload, .received) > 0
        var lines = [
            "\(VisibleText.escaped(status.name)), \(RoleText.words(status.roles)), at \(status.listen.joined(separator: ", "))",
            "  as a client: " + words(status, .client, "fetched"),
            "  as a server: " + words(status, .server, hasUploads ? "sent and received" : "sent"),
            "  \(counted(status, .shares, "share")), \(counted(status, .hosts, "other host")) found, "
                + "up for \(DurationText.left(Double(status.value(of: .uptime))))",
        ]
        if let web = webLine(status) { lines.insert(web, at: 3) }
        lines += status.troubles.map { "  ! \(VisibleText.escaped($0))" }
        let others =
            status.downloads.partners.prefix(shownPartners).map { columns($0, "web server", "fetched") }
            + status.web.partners.prefix(shownPartners).map { columns($0, "visitor", "received") }
        if !status.transfers.isEmpty || !others.isEmpty { lines.append("") }
        let rows = ColumnText.lines(
            status.transfers.map { transfer in
                [
                    transfer.kind == .share ? "share" : transfer.id,
                    VisibleText.escaped(transfer.name ?? "(no name yet)"),
                    phase(of: transfer), "↓ \(ByteCount.rate(transfer.down))", "↑ \(ByteCount.rate(transfer.up))",
                    "\(ByteCount.size(transfer.downloaded)) fetched", "\(ByteCount.size(transfer.uploaded)) sent",
                    TransferText.partners(peers: transfer.peers, webSeeds: transfer.webSeeds),
                ]
            } + others)
        let names = Dictionary(grouping: status.transfers.filter { $0.kind == .fetch }, by: \.name)
        for (index, row) in rows.enumerated() {
            lines.append(row)
            guard status.transfers.indices.contains(index) else { continue }
            let transfer = status.transfers[index]
            lines += detail(of: transfer, isAmongSame: (names[transfer.name]?.count ?? 0) > 1)
        }
        if status.web.partners.count > shownPartners {
            lines.append("There are \(status.web.partners.count - shownPartners) more visitors; --json has them.")
        }
        if status.truncated { lines.append("There is more; the list ends after 2000 rows.") }
        return lines
    }

    private static func words(_ status: StatusModel, _ role: HostRole, _ verb: String) -> String {
        let (rate, bytes) = (status.value(of: .rate, in: role), status.value(of: .payload, in: role))
        // Those that have left are not counted any more, so this is not from how many hosts the bytes came.
        let partners = Int(status.value(of: .partners, in: role))
        let text = "\(ByteCount.rate(rate)) now, \(ByteCount.size(bytes)) \(verb)"
        return partners == 0 ? text : text + ", \(ByteCount.counted(partners, "host")) at the other end"
    }

    /// What visitors get and bring by HTTP; nil if there were none.
    private static func webLine(_ status: StatusModel) -> String? {
        let (sent, received) = (status.value(of: .webPayload, .sent), status.value(of: .webPayload, .received))
        guard sent > 0 || received > 0 else { return nil }
        let rate = status.value(of: .webRate, .sent) + status.value(of: .webRate, .received)
        return "    of it by HTTP: \(ByteCount.rate(rate)) now, \(ByteCount.size(sent)) sent, "
            + "\(ByteCount.size(received)) received, \(counted(status, .visitors, "visitor"))"
    }

    private static func columns(_ partner: WebPartnerModel, _ kind: String, _ verb: String) -> [String] {
        [
            "http", VisibleText.escaped(partner.address), kind, "↓ \(ByteCount.rate(partner.down))",
            "↑ \(ByteCount.rate(partner.up))", "\(ByteCount.size(partner.downloaded)) \(verb)",
            "\(ByteCount.size(partner.uploaded)) sent",
        ]
    }

    private static func counted(_ status: StatusModel, _ metric: Metric, _ word: String) -> String {
        ByteCount.counted(Int(status.value(of: metric)), word)
    }

    private static func progress(of transfer: TransferModel) -> String {
        "\(ProgressBar.percent(done: transfer.done, total: transfer.total)) % of \(ByteCount.size(transfer.total))"
    }

    /// A line of its own, so that columns stay narrow: which one of several it is, and what is to be said of it.
    private static func detail(of transfer: TransferModel, isAmongSame: Bool) -> [String] {
        let place = isAmongSame ? transfer.directory.map { "in " + VisibleText.escaped($0) } : nil
        let parts = [place, transfer.message.map(VisibleText.escaped)].compactMap(\.self)
        return parts.isEmpty ? [] : ["     " + parts.joined(separator: ": ")]
    }

    private static func phase(of transfer: TransferModel) -> String {
        switch transfer.phase {
        case .starting: transfer.message == nil ? "starting" : "waiting"
        case .metadata: "asking for the list of files"
        case .checking: "checking"
        case .fetching: progress(of: transfer)
        case .complete:
            transfer.follow ? "version \(transfer.version), followed" : "complete"
        case .partial:
            (transfer.follow ? "version \(transfer.version), followed, " : "") + "\(progress(of: transfer)) here"
        case .paused:
            "paused" + (transfer.total > 0 ? " at \(progress(of: transfer))" : "")
        }
    }
}
