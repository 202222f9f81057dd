#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Goes from folder to folder below one directory, opening each relative to the one above and never through a link.
///
/// It keeps the folders on the way to the last one open, so files in the order of a tree cost no more opening than
/// there are folders.
final class FolderCursor {
    let directory: String
    private let top: OpenFile
    private var steps: [(name: String, folder: OpenFile)] = []

    /// The directory itself may be reached through links.
    init(_ directory: String) throws(StorageError) {
        self.directory = directory
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: directory) }
        top = OpenFile(descriptor: descriptor, isWritable: false, path: directory)
    }

    /// The folder of these components; nil if it is not there, or something else is in its place or on the way.
    func folder(_ components: ArraySlice<String>) throws(StorageError) -> OpenFile? {
        do throws(StorageError) {
            return try folder(components) { _, _, error throws(StorageError) in throw error }
        } catch {
            guard error.kind == .missing || error.kind == .unsafePath else { throw error }
            return nil
        }
    }

    /// The same; `repair` is called with the folder above and the name where it cannot be opened, and tried once more.
    func folder(
        _ components: ArraySlice<String>,
        repair: (OpenFile, ArraySlice<String>, StorageError) throws(StorageError) -> Void
    ) throws(StorageError) -> OpenFile {
        var depth = 0
        while depth < min(steps.count, components.count),
            steps[depth].name == components[components.startIndex + depth]
        {
            depth += 1
        }
        steps.removeSubrange(depth...)
        while depth < components.count {
            let path = components.prefix(depth + 1)
            let parent = steps.last?.folder ?? top
            let opened: OpenFile
            do throws(StorageError) {
                opened = try Self.openFolder(path, in: parent)
            } catch {
                try repair(parent, path, error)
                opened = try Self.openFolder(path, in: parent)
            }
            steps.append((path.last ?? "", opened))
            depth += 1
        }
        return steps.last?.folder ?? top
    }

    /// Forgets what is open, since folders were renamed.
    func reset() { steps = [] }

    private static func openFolder(_ path: ArraySlice<String>, in parent: OpenFile) throws(StorageError) -> OpenFile {
        let name = path.last ?? ""
        let descriptor = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: parent.path + "/" + name) }
        return OpenFile(descriptor: descriptor, isWritable: false, path: parent.path + "/" + name)
    }
}
