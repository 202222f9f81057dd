import Host
import Metainfo
import Storage
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of its own for one test, with the hosts that live in it; removed at the end.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/duplex-host-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template), "cannot make a folder")
        let resolved = try #require(realpath(made, nil))
        defer { free(resolved) }
        path = String(cString: resolved)
    }

    deinit { FolderTree.remove(path) }

    /// A port for a host that leaves it and comes back: below those that the system gives to tests beside this one.
    static func ownPort() -> UInt16 { .random(in: 20_000..<32_000) }

    /// A host on loopback with a state folder called after it.
    func host(_ name: String, at address: String = "127.0.0.1", port: UInt16 = 0) async throws -> DuplexHost {
        let state = try StateDirectory(path: "\(path)/state-\(name)")
        return try await DuplexHost.start(
            HostConfiguration(listen: .address(host: address, port: port), state: state),
            pool: DiskPool(workers: 2))
    }

    /// Makes a folder and gives its path.
    @discardableResult
    func folder(_ relative: String) throws -> String {
        var path = path
        for component in relative.split(separator: "/") {
            path += "/" + component
            if mkdir(path, 0o755) != 0 { try #require(errno == EEXIST) }
        }
        return path
    }

    /// Writes bytes that look random, differ from seed to seed and are the same in every run.
    func write(_ relative: String, count: Int, seed: UInt64 = 1, isExecutable: Bool = false) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var bytes = [UInt8](repeating: 0, count: count)
        for index in bytes.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[index] = UInt8(truncatingIfNeeded: state >> 56)
        }
        if let slash = relative.lastIndex(of: "/") { try folder(String(relative[..<slash])) }
        let file = try #require(fopen("\(path)/\(relative)", "wb"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, count, file) == count)
        if isExecutable { chmod("\(path)/\(relative)", 0o755) }
    }

    /// A file's bytes; nil if there is none.
    func read(_ relative: String) -> [UInt8]? { FolderTree.read("\(path)/\(relative)") }

    func isExecutable(_ relative: String) -> Bool {
        access("\(path)/\(relative)", X_OK) == 0 && mode(relative) & 0o100 != 0
    }

    func mode(_ relative: String) -> mode_t {
        var status = stat()
        return stat("\(path)/\(relative)", &status) == 0 ? status.st_mode : 0
    }

    /// What is in a folder, sorted.
    func list(_ relative: String) -> [String] { FolderTree.names("\(path)/\(relative)") }

    func remove(_ relative: String) { FolderTree.remove("\(path)/\(relative)") }

    func torrent(
        of relative: String, format: TorrentFormat = .hybrid, pieceLength: Int? = 16384
    ) async throws -> CreatedTorrent {
        try await TorrentCreator.create(
            path: "\(path)/\(relative)", options: CreationOptions(format: format, pieceLength: pieceLength),
            pool: DiskPool(workers: 2))
    }
}

extension DuplexHost {
    func share(_ created: CreatedTorrent) async throws -> TransferID {
        try await share(created.torrent, directory: created.directory, rootName: created.rootName)
    }

    /// Waits until a transfer is done; fails if it reports trouble.
    @discardableResult
    func finished(_ id: TransferID) async throws -> (path: String, bytes: Int64) {
        for await event in await events(id) {
            switch event {
            case .metadata, .notice: continue
            case .done(let path, let bytes, _): return (path, bytes)
            case .failed(let message), .gone(let message): throw Trouble(description: message)
            }
        }
        throw Trouble(description: "the transfer ended early")
    }

    /// Waits for the first trouble that a transfer reports.
    func trouble(_ id: TransferID) async throws -> String {
        for await event in await events(id) {
            if case .failed(let message) = event { return message }
        }
        throw Trouble(description: "the transfer ended without trouble")
    }

    /// Waits until a transfer's status is as it should be.
    func status(_ id: TransferID, when isSo: (TransferStatus) -> Bool) async throws -> TransferStatus {
        while true {
            let status = try #require(await status(id))
            if isSo(status) { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

struct Trouble: Error, CustomStringConvertible {
    let description: String
}
