import Metainfo
import NIOCore
import PeerWire
import Transport
import WebWire

/// Asks another host's ``Catalogue``. Everything that it answers is checked or bounded here.
struct CatalogueClient: Sendable {
    let address: PeerAddress
    let eventLoop: any EventLoop

    private static let maximumTorrentLength = 256 << 20

    /// The host's document, and how many seconds its clock is ahead of this computer's if it says.
    ///
    /// - Parameter port: where the asker takes connections, for the other to ask it in turn.
    func document(askedFrom port: UInt16? = nil) async throws -> (HostDocument, secondsAhead: Double?) {
        let headers = port.map { [(name: Catalogue.portHeader, value: String($0))] } ?? []
        let answer = try await HTTPClient(.address(address), on: eventLoop)
            .send(
                "GET", "\(Catalogue.base)/host", headers: headers, limit: HostDocument.maximumLength,
                timeout: .seconds(3))
        guard answer.status == 200 else {
            throw HTTPClientError.status(answer.status, body: Array(answer.body.readableBytesView))
        }
        let now = SystemClock.secondsNow
        let date = answer.header("date").flatMap { HTTPDate(parsing: $0, now: HTTPDate(secondsSinceEpoch: now)) }
        let document = try JSON.decode(HostDocument.self, from: answer.body.readableBytesView).bounded
        return (document, date.map { Double($0.secondsSinceEpoch - now) })
    }

    /// The signed version of a share; the signature is right, whose it is the caller decides.
    func version(of share: String) async throws -> ShareVersion {
        let answer = try await get("shares/\(PercentCoding.encoded(share))/version", limit: 8192, timeout: .seconds(5))
        return try ShareVersion(decoding: Array(answer.readableBytesView))
    }

    /// A share's version and its torrent. When it changes between the two answers, both are asked for again.
    func current(of share: String) async throws -> (version: ShareVersion, torrent: Torrent) {
        var version = try await version(of: share)
        for _ in 0..<Self.maximumChanges {
            do {
                return (version, try await torrent(of: share, version))
            } catch MetainfoError.hashMismatch {
                let newer = try await self.version(of: share)
                guard newer.hashes != version.hashes else { throw MetainfoError.hashMismatch }
                version = newer
            }
        }
        return (version, try await torrent(of: share, version))
    }

    /// A folder changes a few times a second at most.
    private static let maximumChanges = 4

    /// The torrent of a share, which must be the one of a version.
    ///
    /// - Parameter known: the torrent of an earlier version: then its difference from that is enough.
    func torrent(of share: String, _ version: ShareVersion, known: Torrent? = nil) async throws -> Torrent {
        let target = "\(Catalogue.base)/shares/\(PercentCoding.encoded(share))/torrent"
        let client = HTTPClient(.address(address), on: eventLoop)
        let tags = known.map { Catalogue.Offer.tag(of: $0.info.hashes) }
        let headers = tags.map { [("a-im", "vcdiff"), ("if-none-match", $0)] } ?? []
        let answer = try await client.send(
            "GET", target, headers: headers, limit: Self.maximumTorrentLength, timeout: .minutes(5))
        let bytes = Array(answer.body.readableBytesView)
        // The owner went back to what is here.
        if answer.status == 304, let known, known.info.hashes == version.hashes { return known }
        if answer.status == 226, let known, answer.header("im") == "vcdiff" {
            if let whole = try? VCDiff.apply(bytes, to: known.encoded(), limit: Self.maximumTorrentLength),
                let torrent = try? Self.torrent(whole, version)
            {
                return torrent
            }
            // What the owner compared with is not what is here.
            return try await self.torrent(of: share, version)
        }
        guard answer.status == 200 else { throw HTTPClientError.status(answer.status, body: bytes) }
        return try Self.torrent(bytes, version)
    }

    private static func torrent(_ bytes: [UInt8], _ version: ShareVersion) throws -> Torrent {
        let torrent = try Torrent(decoding: bytes)
        guard torrent.info.hashes == version.hashes else { throw MetainfoError.hashMismatch }
        return torrent
    }

    func entries(of share: String, at path: String) async throws -> ListModel<EntryModel> {
        let target = "shares/\(PercentCoding.encoded(share))/entries?path=\(PercentCoding.encoded(path))"
        let answer = try await get(target, limit: HostDocument.maximumLength, timeout: .seconds(10))
        let list = try JSON.decode(ListModel<EntryModel>.self, from: answer.readableBytesView)
        return ListModel(
            rows: Array(list.rows.prefix(ListLimit.rows)), truncated: list.truncated || list.rows.count > ListLimit.rows
        )
    }

    private func get(
        _ target: String, headers: [(name: String, value: String)] = [], limit: Int, timeout: TimeAmount
    ) async throws -> ByteBuffer {
        let answer = try await HTTPClient(.address(address), on: eventLoop)
            .send("GET", "\(Catalogue.base)/\(target)", headers: headers, limit: limit, timeout: timeout)
        guard answer.status == 200 else {
            throw HTTPClientError.status(answer.status, body: Array(answer.body.readableBytesView))
        }
        return answer.body
    }
}
