import Bencode

/// Reads `length` or `files` of an info dictionary (BEP 3, BEP 47).
enum V1Files {
    static func read(
        _ info: BencodeDictionary, name: [UInt8], format: TorrentFormat
    ) throws(MetainfoError) -> [RawFile] {
        guard let files = info["files"] else { return [try file(info, path: [name])] }
        guard info["length"] == nil else { throw .invalid("length") }
        guard let list = files.list, !list.isEmpty else { throw .invalid("files") }
        guard list.count <= TorrentInfo.maximumFileCount else { throw .tooLarge("files") }
        var result: [RawFile] = []
        result.reserveCapacity(list.count)
        for item in list {
            guard let entry = item.dictionary else { throw .invalid("files") }
            let preferred = format == .v1 ? try RawFile.components(entry["path.utf-8"], key: "path.utf-8") : nil
            let path = if let preferred { preferred } else { try RawFile.components(entry["path"], key: "path") }
            result.append(try file(entry, path: path))
        }
        return result
    }

    /// Padding may come without a path (BEP 47); all else must have one.
    private static func file(_ entry: BencodeDictionary, path: [[UInt8]]?) throws(MetainfoError) -> RawFile {
        let attributes = RawFile.Attributes(entry)
        let length = try RawFile.length(entry, attributes)
        var path = path ?? []
        if path.isEmpty {
            guard attributes.isPadding else { throw .missing("path") }
            path = [Array(".pad".utf8), Array(String(length).utf8)]
        }
        return RawFile(
            path: path, length: length, attributes: attributes,
            symlinkTarget: try RawFile.symlinkTarget(entry, attributes))
    }
}

/// Reads the `file tree` of an info dictionary (BEP 52).
enum V2Files {
    static func read(_ info: BencodeDictionary) throws(MetainfoError) -> [RawFile] {
        guard let tree = info["file tree"]?.dictionary, !tree.isEmpty else { throw .missing("file tree") }
        var files: [RawFile] = []
        try collect(tree, path: [], into: &files)
        return files
    }

    /// Recurses only as deep as the decoder let the input nest, 100 levels.
    private static func collect(
        _ tree: BencodeDictionary, path: [[UInt8]], into files: inout [RawFile]
    ) throws(MetainfoError) {
        for entry in tree.entries {
            guard !entry.key.isEmpty, let child = entry.value.dictionary, !child.isEmpty else {
                throw .invalid("file tree")
            }
            let childPath = path + [entry.key]
            if let properties = child[bytes: []] {
                guard child.count == 1, let properties = properties.dictionary else { throw .invalid("file tree") }
                guard files.count < TorrentInfo.maximumFileCount else { throw .tooLarge("files") }
                files.append(try file(properties, path: childPath))
            } else {
                try collect(child, path: childPath, into: &files)
            }
        }
    }

    private static func file(_ properties: BencodeDictionary, path: [[UInt8]]) throws(MetainfoError) -> RawFile {
        let attributes = RawFile.Attributes(properties)
        // BEP 52 aligns files by itself; padding in the tree has no meaning.
        guard !attributes.isPadding else { throw .invalid("attr") }
        let length = try RawFile.length(properties, attributes)
        var root: MerkleHash?
        if length > 0 {
            guard let bytes = properties["pieces root"]?.bytes, let hash = MerkleHash(bytes), hash != .zero else {
                throw .missing("pieces root")
            }
            root = hash
        }
        return RawFile(
            path: path, length: length, attributes: attributes,
            symlinkTarget: try RawFile.symlinkTarget(properties, attributes), piecesRoot: root)
    }
}

/// Brings the two halves of a hybrid together (BEP 52, "upgrade path").
enum HybridFiles {
    /// The v1 entries with the roots of the v2 ones; refused unless both describe the same files at the same places.
    ///
    /// Files with bytes must come in the same order, at equal offsets. Empty files and links take no space and only
    /// have to be the same ones. Padding after the last file may be there or not: older programs leave it out.
    static func merge(_ v1: [RawFile], _ v2: [RawFile], pieceLength: Int64) throws(MetainfoError) -> [RawFile] {
        var merged = v1
        var tree = v2.filter(\.hasData)[...]
        var v1Position: Int64 = 0
        var v2Position: Int64 = 0
        for (index, file) in v1.enumerated() {
            if file.hasData {
                guard let other = tree.popFirst(), other.path == file.path, other.length == file.length,
                    v1Position == v2Position
                else { throw .inconsistentHalves }
                merged[index].piecesRoot = other.piecesRoot
                v2Position = InfoReader.aligned(v2Position + other.length, to: pieceLength)
            }
            v1Position += file.length
            guard v1Position <= TorrentInfo.maximumTotalLength else { throw .tooLarge("bytes") }
        }
        guard tree.isEmpty, InfoReader.aligned(v1Position, to: pieceLength) == v2Position,
            areSame(v1.filter { $0.length == 0 && !$0.attributes.isPadding }, v2.filter { $0.length == 0 })
        else { throw .inconsistentHalves }
        return merged
    }

    private static func areSame(_ first: [RawFile], _ second: [RawFile]) -> Bool {
        func sorted(_ files: [RawFile]) -> [RawFile] {
            files.sorted { left, right in
                left.path.lexicographicallyPrecedes(right.path, by: BencodeDictionary.precedes)
            }
        }
        return sorted(first).elementsEqual(sorted(second)) {
            $0.path == $1.path && $0.symlinkTarget == $1.symlinkTarget
        }
    }
}
