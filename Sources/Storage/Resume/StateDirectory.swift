#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder where this user's state lives, readable by the user alone: resume records in `transfers`, remembered
/// shares in `shares`.
public struct StateDirectory: Sendable, Hashable {
    /// Absolute, symbolic links resolved.
    public let path: String

    var transfers: String { path + "/transfers" }
    var shares: String { path + "/shares" }

    /// Uses a folder, which is created (mode 0700) with its parents if it is not there.
    public init(path given: String) throws(StorageError) {
        try Self.create(given)
        guard let resolved = realpath(given, nil) else { throw StorageError(errno: errno, path: given) }
        defer { free(resolved) }
        path = String(cString: resolved)
        for folder in [transfers, shares] {
            try Self.create(folder)
            Self.removeStaleFiles(in: folder)
        }
    }

    /// Opens the folder that the user chose, or else the usual one of the system.
    public static func open(option: String?) throws(StorageError) -> StateDirectory {
        let path = try resolve(option: option) { name in getenv(name).map { String(cString: $0) } }
        do {
            return try StateDirectory(path: path)
        } catch {
            // Whichever folder on the way it was: the user knows this one.
            throw StorageError(kind: error.kind, path: path)
        }
    }

    /// `--state DIR`, else `$XDG_STATE_HOME/duplex`, else `~/.local/state/duplex`; on macOS, without XDG, the folder in
    /// `~/Library/Application Support`. A relative `XDG_STATE_HOME` is ignored, as the XDG specification asks.
    public static func resolve(
        option: String?, environment: (String) -> String?
    ) throws(StorageError) -> String {
        if let option, !option.isEmpty { return option }
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/duplex" }
        guard let home = [environment("HOME"), accountHome()].compactMap(\.self).first(where: { $0.hasPrefix("/") })
        else {
            throw StorageError(kind: .invalid("this account has no home folder"), path: "~/.local/state/duplex")
        }
        #if os(macOS)
            return home + "/Library/Application Support/duplex"
        #else
            return home + "/.local/state/duplex"
        #endif
    }

    private static func accountHome() -> String? {
        getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
    }

    /// Makes a folder below, if it is not there, and clears what an interrupted write left in it.
    static func makeFolder(_ path: String) throws(StorageError) {
        try create(path)
        removeStaleFiles(in: path)
    }

    /// The Unix-domain socket of a host that runs with this state. The system allows some hundred bytes for its path;
    /// where this folder's is longer, it is in a folder of the user's own below `/tmp`.
    public var controlSocket: String {
        let usual = path + "/control.sock"
        guard usual.utf8.count > 100 else { return usual }
        return "/tmp/duplex-\(getuid())/\(TransferName.digest(ofFolder: path)).sock"
    }

    /// Makes the folder of ``controlSocket`` and sees to it that it is this user's alone.
    public func prepareControlSocket() throws(StorageError) {
        guard let slash = controlSocket.lastIndex(of: "/") else { return }
        let folder = String(controlSocket[..<slash])
        guard folder != path else { return }
        try Self.create(folder)
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw StorageError(errno: errno, path: folder) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o077 == 0 else {
            throw StorageError(kind: .invalid("it belongs to somebody else or is open to others"), path: folder)
        }
    }

    /// A host that has ended takes no more commands.
    public func removeControlSocket() {
        unlink(controlSocket)
    }

    /// Whether this user may not use a host that runs with it: it is another user's.
    public var isForbidden: Bool { access(controlSocket, R_OK | W_OK) != 0 && errno == EACCES }

    /// The page that a browser was told to open, which has the owner's token in it.
    private static let opener = "open.html"

    /// Writes that page in place of the one before, for this user alone, here or in another folder.
    ///
    /// - Returns: its path.
    public func writeOpener(_ bytes: [UInt8], in folder: String? = nil) throws(StorageError) -> String {
        let place = folder.map { $0 + "/duplex-" } ?? path + "/"
        try DurableFile.write(bytes, to: place + Self.opener)
        return place + Self.opener
    }

    /// Once the host has ended it leads nowhere.
    public func removeOpener() {
        unlink(path + "/" + Self.opener)
    }

    /// `mkdir -p`.
    private static func create(_ path: String) throws(StorageError) {
        if mkdir(path, 0o700) == 0 { return }
        switch errno {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0 else { throw StorageError(errno: errno, path: path) }
            guard status.st_mode & S_IFMT == S_IFDIR else { throw StorageError(kind: .occupied, path: path) }
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw StorageError(kind: .missing, path: path)
            }
            try create(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw StorageError(errno: errno, path: path) }
        default:
            throw StorageError(errno: errno, path: path)
        }
    }

    /// The names in a folder; none if it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) {
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            if let name = String(validatingCString: start) { names.append(name) }
        }
        return names
    }

    /// What a process left that was killed while it wrote. An hour is longer than any write takes.
    private static func removeStaleFiles(in folder: String) {
        let limit = Int64(time(nil)) - 3600
        for name in names(in: folder) where DurableFile.isTemporary(name) {
            let path = folder + "/" + name
            if let stamp = FileStamp(path: path), stamp.modified / 1_000_000_000 < limit { unlink(path) }
        }
    }
}
