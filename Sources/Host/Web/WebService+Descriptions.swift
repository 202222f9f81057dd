import Metainfo
import Storage
import Synchronization
import Transport
import WebPages
import WebWire

/// Archives, torrents and Metalink documents of shares.
extension WebService {
    func archive(_ asked: WebRequest, _ name: String, _ path: [String]) async -> HTTPReply {
        guard let share = snapshot.shares[name] else { return noSuchShare(name) }
        guard share.isFolder(path) else { return errorPage(404) }
        guard let archive = await pool.spread({ share.archive(path) }) else { return errorPage(404) }
        // Also for HEAD: what cannot be begun is not promised.
        if let first = archive.files.first {
            let opened = await pool.spread { Result { try first.open() } }
            if case .failure(let error) = opened { return cannotRead(error) }
        }
        let title = (path.last ?? share.name) + ".zip"
        var extra = SecurityFields.content(MediaType.zip)
        extra.append("Cache-Control", "no-cache")
        extra.append("Content-Disposition", ContentDisposition.attachment(title))
        let content = Representation(
            length: archive.layout.length, mediaType: MediaType.zip,
            validators: Validators(entityTag: archive.entityTag, lastModified: nil), extraFields: extra)
        let answer = ContentAnswer(
            to: asked.method, fields: asked.fields, of: content, now: Self.now, boundary: Self.boundary())
        guard asked.method == .get, !answer.body.isEmpty else { return reply(answer, nil) }
        return reply(answer, ArchiveBody(archive, answer.body, digests: digests, pool: pool))
    }

    func torrent(_ asked: WebRequest, _ name: String, _ path: [String]) async -> HTTPReply {
        guard let share = snapshot.shares[name] else { return noSuchShare(name) }
        if !path.isEmpty { return await fileTorrent(asked, share, path) }
        let torrent = share.torrent(asked.origin)
        return described(
            await pool.spread { torrent.encoded() }, MediaType.torrent, name + ".torrent")
    }

    private func fileTorrent(_ asked: WebRequest, _ share: WebShare, _ path: [String]) async -> HTTPReply {
        guard let file = share.file(path) else { return errorPage(404) }
        let own = asked.origin.url(.content(share: share.name, path: file.path, isFolder: false))
        let addresses = [own] + mirrors(file)
        let made = await pool.spread { share.torrent(of: file, asked.origin, webSeeds: addresses) }
        guard let made else { return errorPage(404) }
        tracker.trackFile(made.info.askedNames)
        return described(made.encoded(), MediaType.torrent, file.name + ".torrent")
    }

    /// How much is hashed while somebody waits for a Metalink document.
    private static let patience: Int64 = 256 << 20
    private static let maximumFiles = 1000

    func metalink(_ asked: WebRequest, _ name: String, _ path: [String]) async -> HTTPReply {
        guard let share = snapshot.shares[name] else { return noSuchShare(name) }
        let isFolder = share.isFolder(path)
        let files = isFolder ? share.files(below: path) : [share.file(path)].compactMap(\.self)
        guard !files.isEmpty, files.count <= Self.maximumFiles else { return errorPage(404) }
        var total: Int64 = 0
        var listed: [Metalink.File] = []
        for file in files {
            total += file.length
            let sums = total <= Self.patience ? await digests.digests(of: file) : await digests.peek(file)
            let own = asked.origin.url(.content(share: name, path: file.path, isFolder: false))
            listed.append(
                Metalink.File(
                    name: isFolder ? file.path.dropFirst(path.count).joined(separator: "/") : file.name,
                    size: file.length, sha256: sums?.sha256, pieces: share.metalinkPieces,
                    urls: [own] + mirrors(file),
                    torrents: share.isForMetalink ? [asked.origin.url(.torrent(share: name, path: []))] : []))
        }
        let document = Metalink(files: listed, origin: asked.origin.url(.metalink(share: name, path: path)))
        return described(Array(document.xml.utf8), MediaType.metalink, (path.last ?? name) + ".meta4")
    }

    private func described(_ bytes: [UInt8], _ type: String, _ name: String) -> HTTPReply {
        HTTPReply(
            status: 200,
            headers: SecurityFields.content(type).pairs + [
                ("content-type", type), ("content-disposition", ContentDisposition.attachment(name)),
                ("cache-control", "no-cache"),
            ], body: .bytes(bytes))
    }
}

extension WebShare {
    private static let maximumArchives = 8

    /// Blocks for as long as it takes to go through all names.
    func archive(_ path: [String]) -> FolderArchive? {
        if let known = archives.withLock({ $0[path] }) { return known }
        let files = files(below: path)
        guard let made = try? FolderArchive(files, folder: path.last ?? name, dropping: path.count) else { return nil }
        archives.withLock { archives in
            if archives.count >= Self.maximumArchives { archives.removeAll() }
            archives[path] = made
        }
        return made
    }

    /// The one program that takes torrents from Metalink, aria2, knows v1 alone: of a hybrid it finds but its own kind and hosts
    /// like this one.
    var isForMetalink: Bool { info.isSingleFile && info.format == .v1 }

    /// Only of a share that is one file: in others, pieces have more in them than one file.
    var metalinkPieces: Metalink.Pieces? {
        guard info.isSingleFile, info.hashes.v1 != nil else { return nil }
        var hashes: [[UInt8]] = []
        for piece in 0..<info.layout.pieceCount {
            guard let hash = info.pieceHashV1(PieceIndex(piece)) else { return nil }
            hashes.append(Array(hash))
        }
        return Metalink.Pieces(length: info.pieceLength, algorithm: .sha1, hashes: hashes)
    }
}
