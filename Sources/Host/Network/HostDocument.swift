/// What a host tells everybody who asks at its port: who it is and what it offers publicly. All of it is a claim.
struct HostDocument: Codable, Sendable, Equatable {
    struct Share: Codable, Sendable, Equatable {
        var name: String
        var kind: EntryModel.Kind
        var bytes: Int64
        var files: Int
        var version: Int64
        var infoHashV1: String?
        var infoHashV2: String?
        var modified: String?
        /// What tells it from others that are or were called the same.
        var id: String?
    }

    var name: String
    /// Hexadecimal. Said and not proven: another host can say it too. A version that it signed proves it, and nothing else is
    /// believed because of it.
    var key: String
    var roles: [HostRole]
    var load: Double?
    var shares: [Share]
    var truncated: Bool
    /// Addresses of hosts that it has spoken to.
    var hosts: [String]
    /// The port of its pages; nil if it has none.
    var web: UInt16?
    /// Names of public shares that have no files now; they are not offered.
    var missing: [String]?

    /// Bytes of a document that is read.
    static let maximumLength = 4 << 20
    static let maximumNameLength = 255
    static let maximumHosts = 64

    /// The same with every part no larger than it may be, from whoever sent it.
    var bounded: HostDocument {
        var document = self
        document.name = name.cut(to: Self.maximumNameLength)
        // Anything else is no key, and not one that names could be told apart by.
        document.key = key.utf8.count == 64 && key.utf8.allSatisfy(Self.isHexadecimal) ? key : ""
        document.roles = HostRole.allCases.filter { roles.contains($0) }
        document.shares = shares.filter { !$0.name.isEmpty && $0.name.utf8.count <= Self.maximumNameLength }
        document.truncated = truncated || document.shares.count > ListLimit.rows
        document.shares = document.shares.prefix(ListLimit.rows).map(\.bounded)
        document.missing = missing.map { names in
            names.prefix(ListLimit.rows).filter { $0.utf8.count <= Self.maximumNameLength }
        }
        document.hosts = hosts.prefix(Self.maximumHosts).filter { $0.utf8.count <= Self.maximumNameLength }
        document.load = load.flatMap { $0.isFinite ? min(max($0, 0), 1) : nil }
        return document
    }

    /// Rows of lists that it takes memory for.
    var rowCount: Int { shares.count + (missing?.count ?? 0) }

    /// The same with so many rows at the most.
    func cut(toRows count: Int) -> HostDocument {
        guard rowCount > count else { return self }
        var document = self
        document.truncated = truncated || shares.count > count
        document.shares = Array(shares.prefix(count))
        document.missing = missing.map { Array($0.prefix(count - document.shares.count)) }
        return document
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// Another text when something of lasting interest has changed: load and roles come and go.
    var revision: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for share in shares {
            for byte in "\(share.name)/\(share.version)/\(share.infoHashV1 ?? "")/\(share.infoHashV2 ?? "");".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        return String(hash, radix: 36)
    }
}

extension HostDocument.Share {
    fileprivate var bounded: HostDocument.Share {
        var share = self
        share.bytes = max(0, bytes)
        share.files = max(0, files)
        share.version = max(0, version)
        share.infoHashV1 = infoHashV1.flatMap { $0.utf8.count == 40 ? $0 : nil }
        share.infoHashV2 = infoHashV2.flatMap { $0.utf8.count == 64 ? $0 : nil }
        share.id = id.flatMap { $0.utf8.count <= 64 ? $0 : nil }
        share.modified = modified.flatMap { $0.utf8.count <= 40 ? $0 : nil }
        return share
    }
}

extension String {
    /// At most so many bytes; one character alone may have millions.
    fileprivate func cut(to length: Int) -> String {
        guard utf8.count > length else { return self }
        var kept = UnicodeScalarView()
        var size = 0
        for scalar in unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= length else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
