import Host
import PeerWire

/// The `progress` object of `--json`.
enum ProgressEvent {
    /// All transfers of the command together.
    static func json(_ statuses: [TransferSnapshot]) -> JSONValue {
        var (done, total, down, up) = (Int64(0), Int64(0), Int64(0), Int64(0))
        var peers = 0
        for status in statuses {
            done &+= status.done
            total &+= status.total
            down &+= status.downRate
            up &+= status.upRate
            peers += status.peers
        }
        return json(
            done: done, total: total, down: down, up: up, peers: peers, partners: statuses.flatMap(\.partners))
    }

    static func json(
        done: Int64, total: Int64, down: Int64 = 0, up: Int64 = 0, peers: Int = 0, partners: [PartnerTraffic] = []
    ) -> JSONValue {
        [
            "event": "progress", "done": .integer(done), "total": .integer(total), "down": .integer(down),
            "up": .integer(up), "peers": JSONValue(peers),
            "partners": .array(
                partners.map { partner in
                    [
                        "address": .string(partner.address), "protocol": .string(partner.wire.rawValue),
                        "downloaded": .integer(partner.downloaded), "uploaded": .integer(partner.uploaded),
                    ]
                }),
        ]
    }
}
