import Metainfo
import NIOCore
import PeerWire
import Storage
import Transport
import WebWire

/// What a web address turned out to be.
public enum WebSource: Sendable {
    /// A file, to be fetched by itself.
    case file(WebDownload)
    /// A torrent, or a page that names one.
    ///
    /// - Parameters:
    ///   - path: what of it the address means; nil for all.
    ///   - peers: who has it, as far as the page's own tracker knows.
    case torrent(Torrent, path: String?, peers: [PeerAddress])

    private static let torrentType = "application/x-bittorrent"
    private static let maximumTorrentLength = 128 << 20

    /// Asks the server what is there.
    ///
    /// - Parameter directory: where a file goes; it must exist.
    /// - Throws: an error whose description says what, why, and what to do.
    public static func open(
        _ address: String, into directory: String, state: StateDirectory, pool: DiskPool = DiskPool()
    ) async throws -> WebSource {
        let url: HTTPURL
        do {
            url = try HTTPURL(parsing: address)
        } catch {
            throw WebDownloadFailure("cannot fetch from \(address), \(error), write http://HOST/PATH")
        }
        do {
            return try await open(url, into: directory, state: state, pool: pool)
        } catch let trouble as WebTrouble {
            throw WebDownloadFailure("cannot fetch \(url), \(trouble), \(remedy(trouble))")
        }
    }

    private static func open(
        _ url: HTTPURL, into directory: String, state: StateDirectory, pool: DiskPool
    ) async throws -> WebSource {
        let downloads = try Downloads(state, directory: directory)
        let part = try await pool.value { Result { try downloads.earlier(url.description) } }.get()
        let client = WebClient()
        let position = part?.record.safeLength ?? 0
        let headers = WebDownload.headers(part?.record, position, isOrigin: true, isVerified: false)
        var answer = try await client.get(url, headers: headers)
        if answer.status == 416 {
            answer.stream.close()
            answer = try await client.get(url, headers: DigestFields.wanted)
        }
        guard answer.status == 200 || answer.status == 206 else {
            answer.stream.close()
            throw WebTrouble.status(answer.status, retryAfter: WebDownload.retryAfter(answer))
        }
        if part == nil {
            if let torrent = try await torrent(answer) {
                return .torrent(
                    torrent, path: nil, peers: await PageTracker(client: client, server: answer.url).peers(of: torrent))
            }
            // Where redirects have led to: a folder may be named without its last slash.
            if answer.url.isFolder, answer.mediaType == "text/html" {
                if let found = try await folder(answer, client) { return found }
                answer = try await client.get(url, headers: DigestFields.wanted)
            }
        }
        return .file(
            WebDownload(asked: url, client: client, answer: answer, part: part, downloads: downloads, pool: pool))
    }

    private static func torrent(_ answer: WebAnswer) async throws -> Torrent? {
        let isTorrent =
            answer.mediaType == torrentType || answer.url.path.lowercased().hasSuffix(".torrent")
        guard isTorrent else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try await answer.stream.collect(limit: maximumTorrentLength)
        } catch {
            throw WebTrouble.connection(ConnectionTrouble.text(error), host: answer.url.authority)
        }
        do {
            return try Torrent(decoding: bytes)
        } catch {
            throw WebTrouble.answer("what is there is no torrent: \(error)")
        }
    }

    /// A page that names the torrent of what it shows, as the pages of Duplex do.
    private static func folder(_ answer: WebAnswer, _ client: WebClient) async throws -> WebSource? {
        let links = answer.fields.all("Link").flatMap { Link.list(parsing: $0) }
        // A start page has both: the torrent of the folder, and that of itself as a file.
        let linked = ["alternate", "describedby"].lazy.compactMap { relation in
            links.first { $0.relation == relation && $0.mediaType?.lowercased() == torrentType }
        }.first
        var target = linked?.target
        if target == nil {
            var page: [UInt8] = []
            while page.count < PageLinks.maximumLength, let parts = try? await answer.stream.next() {
                for part in parts { page += part.readableBytesView }
            }
            target = PageLinks.first(ofType: torrentType, in: page)
        }
        answer.stream.close()
        guard let target, let url = try? answer.url.resolving(target) else { return nil }
        let document = try await client.get(url)
        guard document.status == 200 else {
            document.stream.close()
            throw WebTrouble.status(document.status, retryAfter: nil)
        }
        guard let torrent = try await torrent(document) else {
            throw WebTrouble.answer("what it names as its torrent is none")
        }
        let peers = await PageTracker(client: client, server: answer.url).peers(of: torrent)
        return .torrent(torrent, path: path(of: answer.url, in: torrent), peers: peers)
    }

    /// A page of a folder within a share names the torrent of the whole share; its web seeds tell where that begins.
    private static func path(of page: HTTPURL, in torrent: Torrent) -> String? {
        for text in torrent.webSeeds {
            guard let seed = try? HTTPURL(parsing: text) else { continue }
            for root in [seed.appending([torrent.info.name]).path + "/", seed.path]
            where root.hasSuffix("/") && page.path.hasPrefix(root) && page.path.count > root.count {
                let rest = page.path.dropFirst(root.count).split(separator: "/")
                let names = rest.map { String(decoding: PercentCoding.decoded($0), as: UTF8.self) }
                let isThere = torrent.info.files.contains { $0.path.starts(with: names) }
                if isThere { return names.joined(separator: "/") }
            }
        }
        return nil
    }

    private static func remedy(_ trouble: WebTrouble) -> String {
        switch trouble {
        case .noTLS: "use an http:// address, or fetch it with another program, such as curl -O"
        case .connection: "check the address and the network"
        case .status(404, _), .status(410, _): "check the address"
        case .status(let status, _) where status < 500: "use another address, or another program that can log in there"
        case .status(_, let wait?): "try again in \(wait) seconds"
        default: "try again later or use another address"
        }
    }
}
