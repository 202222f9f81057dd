import Foundation

@testable import Doctor

/// Folders that look like `/proc` and `/sys`, in a temporary place.
final class FakeSystem: Sendable {
    let root: URL

    init() {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("duplex-doctor-\(UUID())")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ path: String, _ text: String) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: false, encoding: .utf8)
    }

    func link(_ path: String, to target: String) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
    }

    func access(_ addresses: [String: InterfaceAddresses] = [:]) -> SystemAccess {
        var system = SystemAccess()
        system.proc = root.path + "/proc"
        system.sys = root.path + "/sys"
        system.etc = root.path + "/etc"
        system.addresses = { () throws(LookFailure) in addresses }
        system.run = { (_, _) throws(LookFailure) in nil }
        return system
    }
}

extension NetworkLink {
    static func sample(
        _ name: String, _ kind: Kind = .wired, addresses: [String] = ["192.168.1.7/24"], isUp: Bool = true,
        carrier: Bool? = true, canMulticast: Bool = true
    ) -> NetworkLink {
        NetworkLink(
            name: name, kind: kind, isUp: isUp, hasCarrier: carrier, canMulticast: canMulticast,
            addresses: addresses.compactMap { IPPrefix($0) })
    }
}

extension Sequence where Element == Finding {
    /// `id severity` of each.
    var brief: [String] { map { "\($0.id) \($0.severity)" } }
}
