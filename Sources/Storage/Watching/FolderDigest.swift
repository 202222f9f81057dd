#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells whether anything in a tree changed: a sum over the path, stamp and mode of every file that would be shared, and
/// whether it may be read.
///
/// It holds for one process, as Swift's hashes do. The order in which folders give their entries does not matter, so
/// nothing is sorted and nothing kept. What cannot be read counts as not there.
struct FolderDigest: Equatable {
    private var sum = 0
    private var count = 0
    private let permission = ReadPermission()

    init(_ place: WatchedRoot.Place) {
        if place.isFile {
            add(place.path, in: AT_FDCWD, as: "")
        } else {
            addFolder(FolderEntries.open(place.path), path: "", depth: 0)
        }
    }

    /// Takes the descriptor over.
    private mutating func addFolder(_ descriptor: Int32, path: String, depth: Int) {
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for entry in FolderEntries.read(descriptor) {
            let below = path + "/" + entry.name
            if let finished = OmissionRule.fileControlled(by: entry.name) {
                // While this is there the other one is left out.
                add(path + "/" + finished)
            } else if OmissionRule.reason(forName: entry.name) != nil {
                continue
            } else if !entry.isFolder {
                add(entry.name, in: descriptor, as: below)
            } else if depth < FolderScan.maximumDepth {
                addFolder(FolderEntries.open(entry.name, in: descriptor), path: below, depth: depth + 1)
            }
        }
    }

    private mutating func add(_ name: String, in folder: Int32, as path: String) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, let stamp = FileStamp(status) else { return }
        // Its owner and a list of permissions matter as much as its mode.
        add(path, stamp, status.st_mode, isReadable: permission.refusal(of: name, in: folder, status) == 0)
    }

    private mutating func add(
        _ path: String, _ stamp: FileStamp? = nil, _ mode: mode_t = 0, isReadable: Bool = true
    ) {
        var hasher = Hasher()
        hasher.combine(path)
        hasher.combine(stamp)
        hasher.combine(mode)
        hasher.combine(isReadable)
        sum &+= hasher.finalize()
        count += 1
    }
}
