/// Who served whom: of each host, or of hosts together, when there are too many to draw.
struct ServingMatrix {
    struct Line {
        var label: String
        var role: HostRecord.Role
        /// Indices into ``LabRun/hosts``.
        var hosts: [Int]
    }

    /// Who served, and who was served.
    let rows: [Line]
    let columns: [Line]
    /// Parts of what the column got, or of one file when columns are single hosts, by row and column.
    let parts: [[Double]]
    let bytes: [[Int64]]
    /// Whether a line is a group of hosts.
    let isGrouped: Bool

    /// More hosts than this are drawn in groups.
    static let mostHosts = 40
    static let groups = 10

    init(_ figures: RunFigures) {
        let hosts = figures.run.hosts
        isGrouped = hosts.count > Self.mostHosts
        let lines =
            isGrouped
            ? Self.grouped(hosts)
            : hosts.enumerated().map { Line(label: $1.name, role: $1.role, hosts: [$0]) }
        var lineOf = [Int](repeating: 0, count: hosts.count)
        for (index, line) in lines.enumerated() {
            for host in line.hosts { lineOf[host] = index }
        }
        let width = lines.count
        var sums = [Int64](repeating: 0, count: width * width)
        for (from, host) in hosts.enumerated() {
            for (to, bytes) in host.servedTo where hosts.indices.contains(to) {
                sums[lineOf[from] * width + lineOf[to]] += bytes
            }
        }
        // A dedicated server has a line only where it took part.
        let giving = lines.indices.filter { row in
            lines[row].role != .dedicated || sums[row * width..<(row + 1) * width].contains { $0 > 0 }
        }
        let taking = lines.indices.filter { column in
            lines[column].role == .receiver || lines.indices.contains { sums[$0 * width + column] > 0 }
        }
        rows = giving.map { lines[$0] }
        columns = taking.map { lines[$0] }
        bytes = giving.map { row in taking.map { sums[row * width + $0] } }
        let whole = taking.map { column -> Double in
            let got = lines.indices.reduce(0) { $0 + sums[$1 * width + column] }
            return Double(lines.count == hosts.count ? figures.run.size : got)
        }
        parts = bytes.map { row in zip(row, whole).map { $1 > 0 ? Double($0) / $1 : 0 } }
    }

    /// Sources and dedicated servers on lines of their own, receivers in tenths by the order in which they finished.
    private static func grouped(_ hosts: [HostRecord]) -> [Line] {
        func indices(_ role: HostRecord.Role) -> [Int] { hosts.indices.filter { hosts[$0].role == role } }
        let receivers = indices(.receiver).sorted {
            (hosts[$0].finished ?? .infinity, $0) < (hosts[$1].finished ?? .infinity, $1)
        }
        let dedicated = indices(.dedicated)
        var lines = [Line(label: "source", role: .source, hosts: indices(.source))]
        for group in 0..<groups {
            let members = receivers[receivers.count * group / groups..<receivers.count * (group + 1) / groups]
            lines.append(Line(label: ordinals[group], role: .receiver, hosts: Array(members)))
        }
        if !dedicated.isEmpty { lines.append(Line(label: "dedicated", role: .dedicated, hosts: dedicated)) }
        return lines
    }

    private static let ordinals = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th"]
}
