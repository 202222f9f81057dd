import Crypto
import Metainfo
import Storage
import Synchronization
import WebPages

/// Torrents of single files of a folder.
///
/// People who fetch the torrent of one file expect that file and nothing else from any program, also from one that knows
/// nothing of selections. So it is a torrent of its own, made of the hashes that the share's has already: the same on every
/// host that has the file in a share with pieces of that length. The host provides it as web seed and tracker, and those who
/// fetch it find each other; in the swarm of the share as a whole, the magnet link with `so` (BEP 53) selects the same file.
/// Where files are not aligned to pieces, in shares of v1 alone, there is none.
struct FileTorrents: Sendable {
    /// What is remembered of more files than this is forgotten.
    private static let maximumKnown = 10_000

    /// The SHA-1 of a file's last piece at its true length, by the file's index.
    var tails: [Int: [UInt8]] = [:]
    /// Under which info-hashes those that somebody has asked for go.
    private(set) var hashes: [Int: [WireInfoHash]] = [:]

    mutating func remember(_ torrent: Torrent, tail: [UInt8]?, of index: Int) {
        if hashes.count >= Self.maximumKnown { self = FileTorrents() }
        tails[index] = tail
        hashes[index] = torrent.info.askedNames
    }
}

extension WebShare {
    /// Whether there is a torrent of this file and nothing else.
    func hasTorrent(of file: WebFile) -> Bool {
        info.isSingleFile || info.format.hasV2 && !info.isPrivate && file.length > 0
    }

    /// What is tracked for torrents of single files.
    var fileTorrentHashes: [WireInfoHash] { fileTorrents.withLock { $0.hashes.values.flatMap(\.self) } }

    /// The link that selects this file in the swarm of the share.
    func magnet(of file: WebFile, _ origin: WebOrigin) -> MagnetLink {
        var link = magnet(origin)
        if !info.isSingleFile { link.selectedFiles = [file.number...file.number] }
        return link
    }

    /// The torrent of one file; nil if there is none or the file has changed. Blocks.
    ///
    /// - Parameter addresses: where the file itself is.
    func torrent(of file: WebFile, _ origin: WebOrigin, webSeeds addresses: [String]) -> Torrent? {
        guard !info.isSingleFile, hasTorrent(of: file), let root = info.files[file.index].piecesRoot else { return nil }
        let known = fileTorrents.withLock { $0.tails[file.index] }
        guard let tail = info.format.hasV1 ? known ?? tailHash(of: file) : [] else { return nil }
        let entry = info.files[file.index]
        let hashed = HashedFile(
            path: [file.name], length: file.length, isExecutable: entry.isExecutable, root: root,
            pieceLayer: offer.torrent.pieceLayers[root] ?? [],
            v1Pieces: info.format.hasV1 ? wholePieces(of: entry) + tail : [])
        var builder = TorrentBuilder(
            name: file.name, pieceLength: info.pieceLength, format: info.format, files: [hashed], isSingleFile: true)
        builder.trackers = [[origin.url(.announce)]]
        builder.webSeeds = addresses
        guard let torrent = try? builder.build() else { return nil }
        fileTorrents.withLock { $0.remember(torrent, tail: tail, of: file.index) }
        return torrent
    }

    /// The hashes of the pieces that are full.
    private func wholePieces(of entry: TorrentFile) -> [UInt8] {
        let first = Int(entry.offset / Int64(info.pieceLength))
        let count = Int(entry.length / Int64(info.pieceLength))
        return (first..<first + count).flatMap { info.pieceHashV1(PieceIndex($0)).map { Array($0) } ?? [] }
    }

    /// In the share's torrent that piece has zeros behind it. Empty if the last piece is full.
    private func tailHash(of file: WebFile) -> [UInt8]? {
        let start = file.length - file.length % Int64(info.pieceLength)
        guard start < file.length else { return [] }
        guard let opened = try? file.open() else { return nil }
        var hash = Insecure.SHA1()
        var position = start
        while position < file.length {
            let end = min(position + (1 << 20), file.length)
            guard let bytes = try? opened.read(position..<end) else { return nil }
            hash.update(data: bytes)
            position = end
        }
        return Array(hash.finalize())
    }
}
