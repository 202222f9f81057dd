/// Which computers nearby answered with their hardware address (`/proc/net/arp`).
struct Neighbour: Sendable, Equatable {
    var address: String
    var interface: String
    var answered: Bool

    static func all(_ text: String) -> [Neighbour] {
        text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 5, columns[2].hasPrefix("0x"), let flags = UInt32(columns[2].dropFirst(2), radix: 16)
            else { return nil }
            return Neighbour(
                address: String(columns[0]), interface: String(columns[5]),
                // ATF_COM.
                answered: flags & 2 != 0 && columns[3] != "00:00:00:00:00:00")
        }
    }
}
