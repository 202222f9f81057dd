import Storage
import Transport
import WebWire

/// Whether what has come is what the server says that it has.
extension WebDownload {
    enum Verdict: Equatable {
        case right
        case wrong
        /// The server does not say.
        case unknown
    }

    /// How long a server may go on hashing the file when all of it has come. It must be less than the patience that a
    /// connection has.
    private static let patience = WaitPreference(seconds: 20)

    /// A file of that name is here already: the same one, or one that must not be touched.
    func whatIsHere() async throws -> WebDownloadResult? {
        let (downloads, name) = (downloads, name)
        guard await pool.value({ downloads.holds(name) }) else { return nil }
        if let answer = firstAnswer { learn(answer) }
        if claim == nil { claim = await ask() }
        if let claim {
            let isLong = claim.algorithm == .sha512
            let found = await pool.value { downloads.digest(of: name, sha512: isLong) }
            if let found, found.bytes == claim.bytes {
                firstAnswer?.stream.close()
                firstAnswer = nil
                return WebDownloadResult(
                    path: downloads.directory + "/" + name, bytes: found.length, seconds: 0, downloaded: 0,
                    verifiedBy: claim.algorithm.title)
            }
        }
        firstAnswer?.stream.close()
        throw WebDownloadFailure(
            "cannot fetch to \(downloads.directory)/\(name), another file is there, "
                + "move it away or choose another folder with --to")
    }

    func verify(_ part: PartFile) async throws -> Verdict {
        // A server may have found it out while it sent, or be about to.
        if claim == nil { claim = await ask() }
        guard let claim else { return .unknown }
        let pool = pool
        let actual: [UInt8]
        switch claim.algorithm {
        case .sha256: actual = await pool.value { part.sha256() }
        case .sha512:
            actual = try await pool.value { Result { () throws(StorageError) in try part.sha512() } }.get()
        }
        return actual == claim.bytes ? .right : .wrong
    }

    /// What the server says of the file now, provided that it is still the same.
    private func ask() async -> ClaimedDigest? {
        let headers = DigestFields.wanted + [Self.patience.field]
        guard let answer = try? await client.get(asked, method: "HEAD", headers: headers) else { return nil }
        answer.stream.close()
        guard answer.status == 200 else { return nil }
        if let part {
            let (tag, modified) = Self.validators(answer)
            // Of a file that was written a moment ago the time becomes a validator only later.
            let isSame = tag == part.record.entityTag && (modified == part.record.lastModified || tag != nil)
            guard isSame else { return nil }
        }
        return DigestFields.claim(of: answer.fields)
    }
}
