import Crypto
import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the files of one transfer are called in the state directory: `V1.V2.DESTINATION`, with `-` for a hash that the
/// torrent does not have. The same torrent fetched into two folders is two transfers.
///
/// A magnet link may know only one hash of a hybrid, so names are also found by a part of their hashes.
struct TransferName: Equatable {
    let v1: String
    let v2: String
    let destination: String

    init(hashes: InfoHashes, directory: String) {
        v1 = hashes.v1?.hex ?? "-"
        v2 = hashes.v2?.hex ?? "-"
        destination = Self.digest(ofFolder: directory)
    }

    /// Nil unless the text is such a name.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        v1 = String(parts[0])
        v2 = String(parts[1])
        destination = String(parts[2])
    }

    var text: String { "\(v1).\(v2).\(destination)" }

    /// Whether this name, with the hashes known so far, means the same transfer as a complete one.
    func means(_ complete: TransferName) -> Bool {
        destination == complete.destination && (v1 == "-" || v1 == complete.v1) && (v2 == "-" || v2 == complete.v2)
    }

    /// Eight bytes are plenty: nobody else chooses these paths.
    static func digest(ofFolder path: String) -> String {
        var canonical = path
        if let resolved = realpath(path, nil) {
            canonical = String(cString: resolved)
            free(resolved)
        }
        return digest(of: canonical)
    }

    static func digest(of text: String) -> String {
        hexadecimal(SHA256.hash(data: Array(text.utf8)).prefix(8))
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
