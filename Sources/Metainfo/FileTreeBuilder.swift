import Bencode

/// Makes the `file tree` of BEP 52 from files in tree order.
struct FileTreeBuilder {
    let files: [HashedFile]

    func tree() throws(MetainfoError) -> BencodeValue {
        for (file, next) in zip(files, files.dropFirst()) where !HashedFile.precedes(file.path, next.path) {
            throw file.path == next.path ? .duplicatePath(file.path) : .unorderedFiles
        }
        return .dictionary(try folder(files[...], depth: 0))
    }

    /// The files in `range` share their first `depth` components. Recurses once for each component of a path, which the
    /// caller bounds.
    private func folder(_ range: ArraySlice<HashedFile>, depth: Int) throws(MetainfoError) -> BencodeDictionary {
        var dictionary = BencodeDictionary()
        var rest = range
        while let first = rest.first {
            let name = first.path[depth]
            let same = rest.prefix { $0.path.count > depth && $0.path[depth].utf8.elementsEqual(name.utf8) }
            rest = rest.dropFirst(same.count)
            if first.path.count == depth + 1 {
                guard same.count == 1 else { throw .duplicatePath(first.path) }
                var leaf = BencodeDictionary()
                leaf.set("", .dictionary(try properties(first)))
                dictionary.set(name, .dictionary(leaf))
            } else {
                dictionary.set(name, .dictionary(try folder(same, depth: depth + 1)))
            }
        }
        return dictionary
    }

    private func properties(_ file: HashedFile) throws(MetainfoError) -> BencodeDictionary {
        var properties = BencodeDictionary()
        if file.isExecutable { properties.set("attr", .text("x")) }
        properties.set("length", .integer(file.length))
        if file.length > 0 {
            guard let root = file.root else { throw .missing("pieces root") }
            properties.set("pieces root", .string(root.bytes))
        }
        return properties
    }
}
