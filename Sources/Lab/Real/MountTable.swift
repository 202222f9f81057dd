/// What `/proc/self/mountinfo` says (proc_pid_mountinfo(5)).
struct MountTable: Sendable, Equatable {
    /// File systems by device, as `MAJOR:MINOR`.
    private var types: [Substring: Substring] = [:]

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let separator = fields.firstIndex(of: "-"), fields.count > separator + 1, fields.count > 2 else {
                continue
            }
            types[fields[2]] = fields[separator + 1]
        }
    }

    /// Whether files there take memory instead of a disk.
    func isInMemory(device: String) -> Bool {
        types[device[...]].map { ["tmpfs", "ramfs"].contains($0) } ?? false
    }
}
