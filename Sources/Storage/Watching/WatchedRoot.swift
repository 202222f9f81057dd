#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is known of one file or folder that is watched. A class, so that its tables are never copied to be changed.
final class WatchedRoot {
    enum Mode {
        /// The kernel tells of changes.
        case notified
        case rescanned
        /// Nothing is there; it is looked for.
        case absent
    }

    struct Folder {
        var parent: Int32
        var name: String
        var children: [String: Int32] = [:]
        /// Something below it could not be reached when it was looked at: it was being moved, or may not be read.
        var isPartial = false
    }

    /// As the user said it; links on the way are followed each time it is looked for.
    let givenPath: String
    /// With links resolved.
    var path: String
    var mode = Mode.absent
    var place: Place?

    /// The watches of the tree, by their number; for a single file that of the folder it is in.
    var folders: [Int32: Folder] = [:]
    var top: Int32 = -1
    var ancestors: Set<Int32> = []

    var firstChange: UInt64?
    var lastChange: UInt64 = 0
    /// Whether the root may be gone or events were lost: then it is looked at before a change is told.
    var isDoubtful = false
    var digest: FolderDigest?
    var nextLook: UInt64 = 0

    init(path: String) {
        givenPath = path
        self.path = path
    }

    func markChanged(now: UInt64, isDoubtful: Bool = false) {
        if firstChange == nil { firstChange = now }
        lastChange = now
        if isDoubtful { self.isDoubtful = true }
    }

    /// The path of a folder of the tree, and how deep it is.
    func path(of watch: Int32) -> (path: String, depth: Int)? {
        var names: [String] = []
        var watch = watch
        while watch != top {
            guard let folder = folders[watch], names.count <= FolderScan.maximumDepth else { return nil }
            names.append(folder.name)
            watch = folder.parent
        }
        return (([path] + names.reversed()).joined(separator: "/"), names.count)
    }

    /// The file or folder that is at a path now.
    struct Place: Equatable {
        let path: String
        let name: String
        let device: UInt64
        let inode: UInt64
        let isFile: Bool

        /// Nil if there is neither a file nor a folder.
        init?(_ given: String) {
            guard let path = try? FolderScan.resolve(given) else { return nil }
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFREG || kind == S_IFDIR else { return nil }
            self.path = path
            name = path.split(separator: "/").last.map(String.init) ?? ""
            device = UInt64(truncatingIfNeeded: status.st_dev)
            inode = UInt64(status.st_ino)
            isFile = kind == S_IFREG
        }

        /// Whether this may be what was there before. An empty folder on another device is where a disk was.
        func mayReplace(_ old: Place?) -> Bool {
            guard let old, !isFile, device != old.device else { return true }
            return !FolderEntries.read(path).isEmpty
        }
    }

    /// What is at the path now; nil if nothing is, or just the mount point of what was.
    func look() -> Place? {
        guard let found = Place(givenPath), found.mayReplace(place) else { return nil }
        return found
    }
}
