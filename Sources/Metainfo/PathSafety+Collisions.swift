extension PathSafety {
    /// When two names count as one.
    public enum Comparison: Sendable {
        /// When their bytes are equal: the file systems of Linux.
        case exact
        /// When they differ only in case or Unicode normalisation: the file systems of macOS.
        case folding

        /// What the file systems of this platform do.
        public static var platform: Comparison {
            #if canImport(Darwin)
                .folding
            #else
                .exact
            #endif
        }
    }

    /// Renames files, `bar.txt` to `bar.1.txt`, so that no two have the same path and none has the path of a folder.
    ///
    /// The components must be safe already. Folders are never renamed; of equal files the first keeps its name.
    public static func disambiguated(_ paths: [[String]], comparison: Comparison = .platform) -> [[String]] {
        switch comparison {
        case .exact where isTreeOrder(paths): paths
        case .exact: disambiguated(paths) { Array($0.utf8) }
        case .folding: disambiguated(paths) { $0.uppercased().lowercased() }
        }
    }

    /// Whether the paths ascend as in a file tree (BEP 52), and none goes on from the one before. Then no two are equal,
    /// and none is another's folder: whatever is between a folder and what is in it is in it too.
    private static func isTreeOrder(_ paths: [[String]]) -> Bool {
        zip(paths, paths.dropFirst()).allSatisfy { path, next in
            for (name, other) in zip(path, next) where !name.utf8.elementsEqual(other.utf8) {
                return name.utf8.lexicographicallyPrecedes(other.utf8)
            }
            return false
        }
    }

    /// A name within a folder. Folders are numbered, so that deep paths cost no more than their components.
    private struct Place<Key: Hashable>: Hashable {
        let folder: Int
        let name: Key
    }

    private static func disambiguated<Key: Hashable>(_ paths: [[String]], key: (String) -> Key) -> [[String]] {
        var folders: [Place<Key>: Int] = [:]
        let parents = paths.map { path in
            path.dropLast().reduce(into: 0) { folder, name in
                let place = Place(folder: folder, name: key(name))
                let next = folders.count + 1
                folder = folders[place, default: next]
                if folder == next { folders[place] = next }
            }
        }

        var files: Set<Place<Key>> = []
        var nextSuffix: [Place<Key>: Int] = [:]
        var result = paths
        for (index, path) in paths.enumerated() {
            guard let name = path.last else { continue }
            let wanted = Place(folder: parents[index], name: key(name))
            var place = wanted
            var chosen = name
            while folders[place] != nil || files.contains(place) {
                let number = nextSuffix[wanted, default: 1]
                nextSuffix[wanted] = number + 1
                let (stem, suffix) = splitExtension(name)
                chosen = "\(stem).\(number)\(suffix)"
                place = Place(folder: parents[index], name: key(chosen))
            }
            files.insert(place)
            result[index][path.count - 1] = chosen
        }
        return result
    }
}
