import Storage
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that goes away with its last reference.
final class ScratchFolder: Sendable {
    let path: String

    init(in parent: String = "/tmp") throws {
        var template = Array("\(parent)/duplex-content-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StorageError(errno: errno, path: parent) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { FolderTree.remove(path) }

    func makeFolder(_ name: String) throws {
        guard mkdir("\(path)/\(name)", 0o755) == 0 else { throw StorageError(errno: errno, path: name) }
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        guard let file = fopen("\(path)/\(name)", "wb") else { throw StorageError(errno: errno, path: name) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw StorageError(errno: errno, path: name) }
    }

    /// Changes some bytes in place.
    func patch(_ bytes: [UInt8], at offset: Int, in name: String) throws {
        let file = open("\(path)/\(name)", O_WRONLY)
        defer { close(file) }
        guard pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw StorageError(errno: errno, path: name)
        }
    }

    /// Nil if there is no such file.
    func read(_ name: String) -> [UInt8]? { FolderTree.read("\(path)/\(name)") }

    func exists(_ name: String) -> Bool { status(name) != nil }

    private func status(_ name: String) -> stat? {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 ? status : nil
    }

    /// The permission bits; nil if there is nothing of this name.
    func mode(_ name: String) -> Int? { status(name).map { Int($0.st_mode & 0o7777) } }

    func isLink(_ name: String) -> Bool { status(name).map { $0.st_mode & S_IFMT == S_IFLNK } ?? false }
}
