import Crypto
import Metainfo
import Storage
import WebPages

/// The secret by which the owner's page knows its owner: random, kept in the state folder, readable by its user alone.
public struct OwnerToken: Sendable {
    /// 32 bytes in hexadecimal.
    public let text: String

    private static let record = "owner-token"

    /// Made and saved (mode 0600) the first time.
    public static func load(_ state: StateDirectory) throws(StorageError) -> OwnerToken {
        let records = try RecordFolder(state, kind: "identity")
        if let bytes = try records.load(record), bytes.count == 64 {
            return OwnerToken(text: String(decoding: bytes, as: UTF8.self))
        }
        let token = OwnerToken(text: SymmetricKey(size: .bits256).withUnsafeBytes { Hexadecimal.encode(Array($0)) })
        try records.save(Array(token.text.utf8), as: record)
        return token
    }

    /// Where the owner's page lets its owner in.
    public func address(of page: String) -> String { "\(page)/?token=\(text)" }

    /// A page to open from a file: it leads a browser there, and no list of processes shows the token.
    public func opener(of page: String) -> [UInt8]? {
        WebURL.page(address(of: page)).map { Array(OwnerPage.leading(to: $0).markup.utf8) }
    }

    /// Takes as long for any wrong text as for any other.
    func matches(_ given: String) -> Bool {
        let (own, other) = (SHA256.hash(data: Array(text.utf8)), SHA256.hash(data: Array(given.utf8)))
        return zip(own, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
