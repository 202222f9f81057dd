import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The depth-first walk behind ``FolderScan``. It opens each folder relative to its parent and without following links,
/// so a folder that is swapped for a link meanwhile does not lead it elsewhere. What this user may not read is left out;
/// only of the root it is an error.
struct FolderWalk {
    let root: String
    private(set) var files: [ScannedFile] = []
    private(set) var omitted: [OmittedEntry] = []
    private var components: [String] = []
    private let permission = ReadPermission()

    init(root: String) {
        self.root = root
    }

    mutating func run(isCancelled: () -> Bool) throws(CreationError) {
        let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        try walk(descriptor, isCancelled: isCancelled)
    }

    /// Takes the descriptor over. Throws ``CreationError/isRefusal`` only if this folder itself may not be read.
    private mutating func walk(_ descriptor: Int32, isCancelled: () -> Bool) throws(CreationError) {
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw failure(code)
        }
        defer { closedir(stream) }
        if isCancelled() { throw .cancelled }
        guard components.count < FolderScan.maximumDepth else { throw .tooDeep(path: path()) }

        let names = try readNames(stream)
        let present = Set(names)
        for name in names {
            if name == InboxFolder.stagingName {
                // Its owner did not put it there, and need not be told.
                continue
            } else if let reason = OmissionRule.reason(forName: name) {
                omit(name, reason)
            } else if present.contains(OmissionRule.controlFile(of: name)) {
                omit(name, .partialFile)
            } else if !PathSafety.isSafe(name) {
                omit(name, .unusableName)
            } else {
                try visit(name, in: descriptor, isCancelled: isCancelled)
            }
        }
    }

    private mutating func visit(
        _ name: String, in parent: Int32, isCancelled: () -> Bool
    ) throws(CreationError) {
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let code = errno
            // In a folder that may be listed but not entered, nothing can be read but the names.
            if code == EACCES, faccessat(parent, ".", X_OK, AT_EACCESS) != 0 { throw failure(code) }
            return try leaveOut(name, code)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // Asked now rather than after hours of hashing other files.
            let code = permission.refusal(of: name, in: parent, status)
            guard code == 0 else { return try leaveOut(name, code) }
            if let file = ScannedFile(components: components + [name], status: status) { files.append(file) }
        case S_IFDIR:
            let child = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else { return try leaveOut(name, errno) }
            try enter(name, child, isCancelled: isCancelled)
        case S_IFLNK:
            omit(name, .symbolicLink)
        default:
            omit(name, .specialFile)
        }
    }

    private mutating func enter(_ name: String, _ child: Int32, isCancelled: () -> Bool) throws(CreationError) {
        let before = (files: files.count, omitted: omitted.count)
        components.append(name)
        do throws(CreationError) {
            try walk(child, isCancelled: isCancelled)
        } catch {
            guard error.isRefusal else { throw error }
            components.removeLast()
            // It is named as a whole.
            files.removeLast(files.count - before.files)
            omitted.removeLast(omitted.count - before.omitted)
            return omit(name, .notPermitted)
        }
        components.removeLast()
        if (files.count, omitted.count) == before { omit(name, .emptyFolder) }
    }

    /// What became of an entry that the system says no to.
    private mutating func leaveOut(_ name: String, _ code: Int32) throws(CreationError) {
        // Gone since the folder was read: then it is not in the folder.
        if code == ENOENT { return }
        let failure = failure(code, name)
        guard failure.isRefusal else { throw failure }
        omit(name, .notPermitted)
    }

    /// The entries of a folder in raw byte order, without those whose names are not UTF-8.
    private mutating func readNames(_ stream: DirectoryStream) throws(CreationError) -> [String] {
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw failure(errno) }
                break
            }
            guard let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { break }
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            if let name = String(validatingCString: start) {
                if name != ".", name != ".." { names.append(name) }
            } else {
                omit(String(cString: start), .unusableName)
            }
        }
        // String's own order is that of Unicode, not that of the bytes.
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names
    }

    private mutating func omit(_ name: String, _ reason: OmittedEntry.Reason) {
        omitted.append(OmittedEntry(path: (components + [name]).joined(separator: "/"), reason: reason))
    }

    private func path(_ name: String? = nil) -> String {
        ([root] + components + (name.map { [$0] } ?? [])).joined(separator: "/")
    }

    private func failure(_ code: Int32, _ name: String? = nil) -> CreationError {
        .storage(StorageError(errno: code, path: path(name)))
    }
}

#if canImport(Darwin)
    private typealias DirectoryStream = UnsafeMutablePointer<DIR>
#else
    private typealias DirectoryStream = OpaquePointer
#endif
