/// What is mounted where (`/proc/self/mountinfo`, proc(5)).
struct MountTable: Sendable, Equatable {
    /// Beginnings of the names of file systems whose disk is in another computer.
    static let networkTypes = ["nfs", "cifs", "smb", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "fuse.gluster"]

    private var types: [String: String] = [:]

    init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            // Optional fields end with a dash.
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.endIndex else { continue }
            types[Self.unescaped(words[4])] = String(words[dash + 1])
        }
    }

    /// The type of the file system that a path, absolute and without symbolic links, is on.
    func type(of path: String) -> String? {
        types.filter { $0.key == "/" || path == $0.key || path.hasPrefix($0.key + "/") }
            .max { $0.key.utf8.count < $1.key.utf8.count }?.value
    }

    /// Spaces and the like are written as three octal digits.
    private static func unescaped(_ word: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
