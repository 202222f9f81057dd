#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small files and folders. Sizes are not known beforehand: files of the kernel have none.
enum FileReading {
    static func bytes(_ path: String, limit: Int) throws(LookFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LookFailure("\(path) cannot be read: \(SystemError.text(errno))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw LookFailure("\(path) cannot be read: \(SystemError.text(errno))")
            }
        }
        throw LookFailure("\(path) is too long")
    }

    /// The names in a folder, sorted, without `.` and `..`.
    static func names(_ path: String) throws(LookFailure) -> [String] {
        guard let folder = opendir(path) else {
            throw LookFailure("\(path) cannot be read: \(SystemError.text(errno))")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder), let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) {
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let name = String(cString: start)
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
