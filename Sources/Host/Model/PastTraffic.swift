/// What transfers that have ended had moved for something that goes on with another one: a share or a followed share
/// with its next version, or what was paused.
struct PastTraffic: Sendable {
    /// Strangers come and go: of more than so many partners those with the least are forgotten.
    private static let capacity = 256

    /// Transfers that are just being ended.
    private var ending: [TransferID: TransferStatus] = [:]
    private var downloaded: Int64 = 0
    private var uploaded: Int64 = 0
    private var partners: [PartnerModel] = []

    /// A transfer is not counted with those that run any more.
    mutating func note(_ transfer: TransferID, _ status: TransferStatus?) {
        ending[transfer] = status ?? ending[transfer]
    }

    /// Nothing more is to be noted of it.
    mutating func close(_ transfer: TransferID) {
        guard let status = ending.removeValue(forKey: transfer) else { return }
        downloaded += status.downloaded
        uploaded += status.uploaded
        partners = partners.merged(with: status.partners.map(PartnerModel.init), limit: Self.capacity)
    }

    func add(to model: inout TransferModel) {
        model.downloaded += downloaded
        model.uploaded += uploaded
        model.partners = model.partners.merged(with: partners)
        for status in ending.values { model.addTotals(of: status) }
    }
}

extension TransferModel {
    /// Another transfer goes on for the same, such as one that serves the version before.
    mutating func add(_ other: TransferStatus) {
        down += other.downRate
        up += other.upRate
        // Most of them are the same.
        peers = max(peers, other.peers)
        clients = max(clients, other.clients)
        addTotals(of: other)
    }

    fileprivate mutating func addTotals(of other: TransferStatus) {
        downloaded += other.downloaded
        uploaded += other.uploaded
        partners = partners.merged(with: other.partners.map(PartnerModel.init))
    }
}

extension PartnerModel {
    init(_ traffic: PartnerTraffic) {
        self.init(
            address: traffic.address, protocol: traffic.wire, downloaded: traffic.downloaded,
            uploaded: traffic.uploaded)
    }

    fileprivate var bytes: Int64 { downloaded + uploaded }
}

extension [PartnerModel] {
    /// One for each, those with the most first.
    fileprivate func merged(with others: [PartnerModel], limit: Int = .max) -> [PartnerModel] {
        guard !isEmpty else { return others }
        guard !others.isEmpty else { return self }
        var all: [String: PartnerModel] = [:]
        for partner in self + others {
            let key = "\(partner.protocol.rawValue) \(partner.address)"
            guard let known = all[key] else {
                all[key] = partner
                continue
            }
            all[key]?.downloaded = known.downloaded + partner.downloaded
            all[key]?.uploaded = known.uploaded + partner.uploaded
        }
        let sorted = all.values.sorted { ($1.bytes, $0.address) < ($0.bytes, $1.address) }
        return Array(sorted.prefix(limit))
    }
}
