/// The kernel's tables of sockets (`/proc/net/tcp`, `udp` and their kin) and the processes that hold them.
enum SocketTable {
    /// Numbers (inodes) of the TCP sockets that take connections at a port.
    static func listeners(_ table: String, port: UInt16) -> Set<String> { inodes(table, port: port, state: "0A") }

    /// Numbers of the UDP sockets at a port.
    static func receivers(_ table: String, port: UInt16) -> Set<String> { inodes(table, port: port, state: "07") }

    private static func inodes(_ table: String, port: UInt16, state: String) -> Set<String> {
        var found: Set<String> = []
        for line in table.split(whereSeparator: \.isNewline).dropFirst() {
            let columns = line.split(separator: " ")
            guard columns.count > 9, columns[3] == state, let number = columns[1].split(separator: ":").last,
                UInt16(number, radix: 16) == port
            else { continue }
            found.insert(String(columns[9]))
        }
        return found
    }

    /// The first process that holds one of the sockets; nil if all of them belong to other users.
    static func owner(of inodes: Set<String>, proc: String, _ system: SystemAccess) -> PortCheck.Owner? {
        let targets = Set(inodes.map { "socket:[\($0)]" })
        let processes = ((try? FileReading.names(proc)) ?? []).compactMap { Int32($0) }.sorted()
        for process in processes {
            let folder = "\(proc)/\(process)/fd"
            guard let names = try? FileReading.names(folder) else { continue }
            let holds = names.contains { FileReading.linkTarget("\(folder)/\($0)").map(targets.contains) == true }
            guard holds else { continue }
            return PortCheck.Owner(process: process, name: system.line("\(proc)/\(process)/comm") ?? "a program")
        }
        return nil
    }
}
