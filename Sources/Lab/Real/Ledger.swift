#if os(Linux)
    import Glibc

    /// A run's list of what it makes, in a file that outlives it.
    ///
    /// The run holds a lock on the file for as long as it lives, which the kernel takes away however it ends. So a ledger
    /// that can be locked is that of a run that ended without taking down what it made.
    final class Ledger {
        static let usualFolder = "/run/duplex-lab"
        private static let suffix = ".ledger"

        let path: String
        private(set) var record: LedgerRecord
        private let descriptor: Int32

        /// Begins the ledger of a new run.
        init(_ names: RunNames, in folder: String = usualFolder) throws(LabFailure) {
            path = "\(folder)/\(names.token)\(Self.suffix)"
            record = LedgerRecord()
            // Under its final name only once it is locked: whoever looks for leftovers must not take it for one.
            let draft = "\(folder)/\(names.token).new"
            descriptor = try Self.create(draft, in: folder)
            do throws(LabFailure) {
                guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                    throw LabFailure.file(verb: "lock", path: draft, reason: ErrorText.of(errno))
                }
                try note(.run(token: names.token))
                guard rename(draft, path) == 0 else {
                    throw LabFailure.file(verb: "write", path: path, reason: ErrorText.of(errno))
                }
            } catch {
                unlink(draft)
                close(descriptor)
                throw error
            }
        }

        private static func create(_ path: String, in folder: String) throws(LabFailure) -> Int32 {
            // Another lab that ends may take the folder away in between.
            for _ in 0..<10 {
                guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                    throw .file(verb: "make", path: folder, reason: ErrorText.of(errno))
                }
                let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
                if descriptor >= 0 { return descriptor }
                guard errno == ENOENT else { break }
            }
            throw .file(verb: "write", path: path, reason: ErrorText.of(errno))
        }

        /// Takes over the ledger of a run that has ended; nil if that run lives, or somebody else is at it.
        private init?(leftAt path: String) {
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            var (own, named) = (stat(), stat())
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &own) == 0,
                // It may have been removed by its run, or by another lab, just before it was locked.
                stat(path, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev,
                let bytes = try? LabFile.read(path, limit: 1 << 20)
            else {
                close(descriptor)
                return nil
            }
            self.path = path
            self.descriptor = descriptor
            record = LedgerRecord(parsing: String(decoding: bytes, as: UTF8.self))
        }

        deinit { close(descriptor) }

        /// Those of runs that ended without taking down what they made.
        static func left(in folder: String = usualFolder) -> [Ledger] {
            guard let entries = opendir(folder) else { return [] }
            defer { closedir(entries) }
            var names: [String] = []
            while let entry = readdir(entries) {
                names.append(withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) })
            }
            return names.filter { $0.hasSuffix(suffix) }.sorted().compactMap { Ledger(leftAt: "\(folder)/\($0)") }
        }

        /// Writes a line. To be called before the thing is made.
        func note(_ entry: LedgerRecord.Entry) throws(LabFailure) {
            var line = entry.line
            let length = line.utf8.count
            let written = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
            guard written == length else {
                throw .file(verb: "write", path: path, reason: written < 0 ? ErrorText.of(errno) : "the disk is full")
            }
            record.add(entry)
        }

        /// Everything in it has been taken down.
        func remove() {
            unlink(path)
            // The folder too, unless it holds the ledgers of others.
            if let slash = path.lastIndex(of: "/") { rmdir(String(path[..<slash])) }
        }
    }
#endif
