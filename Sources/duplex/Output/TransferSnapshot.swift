import Host

/// How a transfer stands, as the texts and the `progress` object show it: the host's status, or what is known before
/// the host has begun.
struct TransferSnapshot: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// The list of files is being fetched from peers.
        case metadata
        /// What is on disk is being verified.
        case checking
        case fetching
        case complete
        /// Storage fails.
        case paused(message: String)
        /// Its user paused it.
        case halted
    }

    var name: String?
    var phase: Phase
    /// Verified bytes.
    var done: Int64 = 0
    /// 0 while unknown.
    var total: Int64 = 0
    /// Bytes a second.
    var downRate: Int64 = 0
    var upRate: Int64 = 0
    /// Bytes in this run.
    var downloaded: Int64 = 0
    var uploaded: Int64 = 0
    var peers = 0
    /// Web seeds that are asked for something now.
    var webSeeds = 0
    /// The web server that a file is fetched from by itself, without a swarm.
    var server: String?
    /// Peers that are served now.
    var clients = 0
    var partners: [PartnerTraffic] = []
    /// What has come is under its own name already, and not beside an earlier version.
    var isInPlace = false

    init(name: String?, phase: Phase, done: Int64 = 0, total: Int64 = 0) {
        self.name = name
        self.phase = phase
        self.done = done
        self.total = total
    }

    init(_ status: TransferStatus) {
        self.init(name: status.name, phase: Phase(status.phase), done: status.done, total: status.total)
        downRate = status.downRate
        upRate = status.upRate
        downloaded = status.downloaded
        uploaded = status.uploaded
        peers = status.peers
        webSeeds = status.webSeeds
        clients = status.clients
        partners = status.partners
        isInPlace = status.phase != .complete
    }
}

extension TransferSnapshot.Phase {
    fileprivate init(_ phase: TransferStatus.Phase) {
        self =
            switch phase {
            case .metadata: .metadata
            case .checking: .checking
            case .fetching: .fetching
            case .complete: .complete
            case .paused(let message): .paused(message: message)
            }
    }
}

extension TransferSnapshot {
    init(_ model: TransferModel) {
        self.init(name: model.name, phase: Phase(model), done: model.done, total: model.total)
        downRate = model.down
        upRate = model.up
        downloaded = model.downloaded
        uploaded = model.uploaded
        peers = model.peers
        webSeeds = model.webSeeds
        clients = model.clients
        isInPlace = model.phase == .fetching && !model.follow && model.version == 0
        partners = model.partners.map {
            PartnerTraffic(
                address: $0.address, wire: $0.protocol, downloaded: $0.downloaded, uploaded: $0.uploaded)
        }
    }
}

extension TransferSnapshot.Phase {
    fileprivate init(_ model: TransferModel) {
        self =
            switch model.phase {
            case .metadata, .starting: .metadata
            case .checking: .checking
            case .fetching: .fetching
            case .complete, .partial: .complete
            case .paused: model.message.map { .paused(message: $0) } ?? .halted
            }
    }
}
