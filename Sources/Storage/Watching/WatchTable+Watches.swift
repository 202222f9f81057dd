#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// The kernel's watches of a tree: one for each folder, added and taken away as folders come and go.
extension WatchTable {
    private enum Refusal: Error {
        case limit
    }

    /// Watches a tree from its root on; false if the kernel's limits do not suffice.
    mutating func addWatches(_ id: ID) -> Bool {
        guard let place = roots[id]?.place else { return false }
        var ancestor = Self.parent(of: place.path)
        do throws(Refusal) {
            roots[id]?.path = place.isFile ? ancestor : place.path
            guard let top = try add(roots[id]?.path ?? "", .content) else {
                // Without permission to read a folder its changes cannot be told; nor can it be shared.
                return false
            }
            roots[id]?.top = top
            let isNew = roots[id]?.folders[top] == nil
            if isNew { insert(top, parent: -1, name: "", id) }
            if !place.isFile { _ = try addSubfolders(of: top, path: place.path, depth: 0, id) }
            while ancestor != "/" {
                if let watch = try add(ancestor, .ancestor) {
                    roots[id]?.ancestors.insert(watch)
                    users[watch, default: []].insert(id)
                }
                ancestor = Self.parent(of: ancestor)
            }
            return true
        } catch {
            detach(id)
            return false
        }
    }

    /// Adds a folder that is new in a tree, with all that is below it already. Goes over to looking by time if the
    /// limits do not suffice.
    mutating func addFolder(_ name: String, in parent: Int32, _ id: ID, now: UInt64) {
        guard let (path, depth) = roots[id]?.path(of: parent) else { return }
        do throws(Refusal) {
            let isWhole = try addFolder(name, in: parent, path: path + "/" + name, depth: depth + 1, id)
            if !isWhole { setPartial(parent, id) }
        } catch {
            rescanFromNowOn(id, now: now)
        }
    }

    /// Adds what is in a folder that is watched already, and could not be reached before.
    mutating func addSubfolders(of folder: Int32, _ id: ID, now: UInt64) {
        guard let (path, depth) = roots[id]?.path(of: folder) else { return }
        do throws(Refusal) {
            let isWhole = try addSubfolders(of: folder, path: path, depth: depth, id)
            if !isWhole { setPartial(folder, id) }
        } catch {
            rescanFromNowOn(id, now: now)
        }
    }

    /// Takes away a folder that was moved or deleted, with all below it.
    mutating func removeFolder(_ watch: Int32, _ id: ID) {
        guard let folder = roots[id]?.folders.removeValue(forKey: watch) else { return }
        if roots[id]?.folders[folder.parent]?.children[folder.name] == watch {
            roots[id]?.folders[folder.parent]?.children[folder.name] = nil
        }
        release(watch, id)
        for child in folder.children.values { removeFolder(child, id) }
    }

    /// Looks through a tree for folders that are not watched yet, after events were lost.
    mutating func watchAgain(_ id: ID, now: UInt64) {
        guard let root = roots[id], root.mode == .notified else { return }
        let before = root.folders
        root.folders = [:]
        guard addWatches(id) else { return rescanFromNowOn(id, now: now) }
        // Only now, since each watch that goes is another event.
        for watch in before.keys where roots[id]?.folders[watch] == nil { release(watch, id) }
    }

    mutating func detach(_ id: ID) {
        guard let root = roots[id] else { return }
        let watches = root.ancestors.union(root.folders.keys)
        root.folders = [:]
        root.ancestors = []
        for watch in watches { release(watch, id) }
    }

    // MARK: - Helpers

    /// Returns whether all that is below it is watched.
    private mutating func addFolder(
        _ name: String, in parent: Int32, path: String, depth: Int, _ id: ID
    ) throws(Refusal) -> Bool {
        guard depth <= FolderScan.maximumDepth else { return true }
        guard let watch = try add(path, .content) else { return false }
        if let known = roots[id]?.folders[watch] {
            // Moved within the tree, or met before its own event came. What is below it is watched, unless it was moved at
            // the very moment in which it was looked at.
            guard watch != roots[id]?.top else { return true }
            if roots[id]?.folders[known.parent]?.children[known.name] == watch {
                roots[id]?.folders[known.parent]?.children[known.name] = nil
            }
            roots[id]?.folders[watch]?.parent = parent
            roots[id]?.folders[watch]?.name = name
            roots[id]?.folders[parent]?.children[name] = watch
            guard known.isPartial else { return true }
            return try addSubfolders(of: watch, path: path, depth: depth, id)
        }
        insert(watch, parent: parent, name: name, id)
        return try addSubfolders(of: watch, path: path, depth: depth, id)
    }

    /// After the folder itself is watched: so what is created meanwhile is either found here or told.
    private mutating func addSubfolders(
        of watch: Int32, path: String, depth: Int, _ id: ID
    ) throws(Refusal) -> Bool {
        // Here already, so that a folder within itself (a bind mount) is not looked into again.
        roots[id]?.folders[watch]?.isPartial = false
        let descriptor = FolderEntries.open(path)
        var isWhole = descriptor >= 0
        if descriptor >= 0 {
            let entries = FolderEntries.read(descriptor)
            close(descriptor)
            for entry in entries where entry.isFolder && OmissionRule.reason(forName: entry.name) == nil {
                let below = path + "/" + entry.name
                if try !addFolder(entry.name, in: watch, path: below, depth: depth + 1, id) { isWhole = false }
            }
        }
        roots[id]?.folders[watch]?.isPartial = !isWhole
        return isWhole
    }

    /// A folder and all that it is in.
    private func setPartial(_ folder: Int32, _ id: ID) {
        guard let root = roots[id] else { return }
        var watch = folder
        for _ in 0...FolderScan.maximumDepth {
            guard let parent = root.folders[watch]?.parent else { return }
            root.folders[watch]?.isPartial = true
            watch = parent
        }
    }

    private mutating func insert(_ watch: Int32, parent: Int32, name: String, _ id: ID) {
        roots[id]?.folders[watch] = WatchedRoot.Folder(parent: parent, name: name)
        roots[id]?.folders[parent]?.children[name] = watch
        users[watch, default: []].insert(id)
    }

    /// Nil if the folder is gone or may not be read: then there is nothing to be told of it.
    private mutating func add(_ path: String, _ flags: Inotify.Flags) throws(Refusal) -> Int32? {
        switch notifier?.add(path, flags) {
        case .success(let watch):
            guard users[watch] == nil, users.count >= maximumWatches else { return watch }
            notifier?.remove(watch)
            reach("max_user_watches", "more than \(maximumWatches) are not asked for")
            throw .limit
        case .failure(let error) where error.kind == .diskFull:
            reach("max_user_watches", "the kernel watches no more folders for this user")
            throw .limit
        case .failure(let error) where error.kind == .io(ENOMEM):
            reach("max_user_watches", "the kernel has no memory left to watch folders")
            throw .limit
        default:
            return nil
        }
    }

    private mutating func release(_ watch: Int32, _ id: ID) {
        if roots[id]?.folders[watch] != nil || roots[id]?.ancestors.contains(watch) == true { return }
        users[watch]?.remove(id)
        guard users[watch]?.isEmpty == true else { return }
        users[watch] = nil
        notifier?.remove(watch)
        // Each is answered by an event. Unread, 16,384 of them would hide those that matter.
        removedWatches += 1
        if removedWatches.isMultiple(of: 4096), let notifier { backlog += notifier.read() }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
