import Metainfo
@testable import Storage
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of its own for one test, removed with everything in it at the end.
final class CreationFixture: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/duplex-creation-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template), "cannot make a folder")
        let resolved = try #require(realpath(made, nil))
        defer { free(resolved) }
        path = String(cString: resolved)
    }

    deinit { FolderTree.remove(path) }

    func path(_ relative: String) -> String { path + "/" + relative }

    /// Writes a file whose byte `i` is `i mod 251`, with the folders that it needs. Dated a minute ago, so that its
    /// stamp counts as settled.
    func write(_ relative: String, count: Int, mode: mode_t = 0o644, age: Int = 60) throws {
        var bytes = (0..<min(count, 251 << 8)).map { UInt8($0 % 251) }
        while bytes.count < count { bytes += bytes.prefix(count - bytes.count) }
        try write(relative, bytes: bytes, mode: mode, age: age)
    }

    func write(_ relative: String, bytes: [UInt8], mode: mode_t = 0o644, age: Int = 60) throws {
        var folder = path
        for component in relative.split(separator: "/").dropLast() {
            folder += "/" + component
            _ = mkdir(folder, 0o755)
        }
        let descriptor = open(path(relative), O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(descriptor >= 0, "cannot create \(relative)")
        defer { close(descriptor) }
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(done))
                try #require(count > 0)
                done += count
            }
        }
        fchmod(descriptor, mode)
        setAge(relative, age)
    }

    func setAge(_ relative: String, _ seconds: Int) {
        let then = timespec(tv_sec: time(nil) - seconds, tv_nsec: 123_456_789)
        let times = [then, then]
        utimensat(AT_FDCWD, path(relative), times, 0)
    }

    /// Whether permissions bind the process that tests; the superuser may read everything.
    static let isBound: Bool = {
        guard let fixture = try? CreationFixture(), (try? fixture.write("file", count: 1, mode: 0)) != nil else {
            return false
        }
        return access(fixture.path("file"), R_OK) != 0
    }()

    /// Opens files as the scan does, but for those that the system refuses with a given error number.
    func opening(except refused: [String: Int32]) -> ContentOpening {
        let codes = Dictionary(uniqueKeysWithValues: refused.map { (path($0.key), $0.value) })
        return { path in codes[path].map { -$0 } ?? FolderScan.openContent(path) }
    }

    /// Everything in a file.
    static func read(_ path: String) -> [UInt8] { FolderTree.read(path) ?? [] }
}
