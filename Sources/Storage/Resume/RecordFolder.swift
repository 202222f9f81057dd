#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small durable records of one kind, one file each, in a folder of the state directory: each survives a kill and a
/// power cut in the old or the new version. All methods block.
public struct RecordFolder: Sendable {
    /// A record as it was found.
    public struct Found: Sendable {
        public let name: String
        /// Nil if the file is damaged.
        public let bytes: [UInt8]?
    }

    private let path: String
    private static let suffix = ".record"
    /// Above the longest torrent that is taken from anywhere.
    private static let maximumLength = 300 << 20

    public init(_ state: StateDirectory, kind: String) throws(StorageError) {
        path = state.path + "/" + kind
        try StateDirectory.makeFolder(path)
    }

    /// Saves a record under a name of letters, digits and `-`; when this returns it is on the disk.
    public func save(_ bytes: [UInt8], as name: String) throws(StorageError) {
        try DurableFile.writeSealed(bytes, to: file(name))
    }

    public func remove(_ name: String) {
        unlink(file(name))
        DurableFile.synchronize(folder: path)
    }

    public func load(_ name: String) throws(StorageError) -> [UInt8]? {
        try DurableFile.readSealed(file(name), limit: Self.maximumLength)
    }

    /// The names of all records, sorted.
    public var names: [String] {
        StateDirectory.names(in: path).filter { $0.hasSuffix(Self.suffix) }.sorted().map {
            String($0.dropLast(Self.suffix.count))
        }
    }

    /// Everything there is, by name.
    public func all() -> [Found] {
        names.map { name in
            Found(
                name: name, bytes: (try? DurableFile.readSealed(file(name), limit: Self.maximumLength)) ?? nil)
        }
    }

    /// Removes all records but those of these names, such as what a kill left between two steps.
    public func keep(only kept: Set<String>) {
        let others = names.filter { !kept.contains($0) }
        for name in others { unlink(file(name)) }
        if !others.isEmpty { DurableFile.synchronize(folder: path) }
    }

    /// A damaged record makes room for others and is kept for whoever wants to look at it.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func setAside(_ name: String) -> Bool {
        rename(file(name), file(name) + ".damaged") == 0
    }

    private func file(_ name: String) -> String { path + "/" + name + Self.suffix }
}
