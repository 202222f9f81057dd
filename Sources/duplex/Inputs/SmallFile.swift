import Metainfo

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Whole small files (.torrent files) read and written at once.
enum SmallFile {
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String

        static let exists = Failure(description: "it already exists")

        static func system(_ code: Int32) -> Failure {
            Failure(description: SystemText.error(code))
        }
    }

    /// Reads a regular file or a pipe; refuses what is longer than `limit` bytes.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = systemRead(descriptor, &chunk)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            guard bytes.count + count <= limit else {
                throw Failure(description: "it is larger than \(ByteCount.size(limit))")
            }
            bytes += chunk[..<count]
        }
    }

    /// Writes the file so that at any moment there is either the old content (or nothing) or the whole new one.
    /// Without `replacing` a file of that name is left alone: `Failure.exists`. What is no regular file always is.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(Failure) {
        let temporary = path + ".\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .system(errno) }
        do throws(Failure) {
            do throws(Failure) {
                try writeAll(bytes, descriptor)
                guard fsync(descriptor) == 0 else { throw .system(errno) }
            } catch {
                close(descriptor)
                throw error
            }
            guard close(descriptor) == 0 else { throw .system(errno) }
            try move(temporary, to: path, replacing: replacing)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func move(_ temporary: String, to path: String, replacing: Bool) throws(Failure) {
        if !replacing {
            // A hard link never replaces a file that appeared meanwhile, as a rename would.
            if link(temporary, path) == 0 {
                unlink(temporary)
                return
            }
            if errno == EEXIST { throw .exists }
            // File systems without hard links: look first, then rename.
            guard access(path, F_OK) != 0 else { throw .exists }
        }
        if let obstacle = FolderPath.obstacle(path) { throw Failure(description: obstacle) }
        guard rename(temporary, path) == 0 else { throw .system(errno) }
    }

    private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = systemWrite(descriptor, rest)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            rest = rest.dropFirst(count)
        }
    }
}

// Outside the type, where `read` and `write` mean the system's.
private func systemRead(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
    chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
}

private func systemWrite(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
