import Crypto
import Metainfo
import Storage
import Synchronization
import WebPages
import WebWire

/// A public share as the web side sees it: what is in it, by path. A copy that does not change.
final class WebShare: Sendable {
    let name: String
    let offer: Catalogue.Offer
    let fileCount: Int
    /// When the newest file was changed.
    let modified: HTTPDate
    /// Made when somebody first asks: most shares of a host are never looked at.
    private let index = Mutex<FolderIndex?>(nil)
    let archives = Mutex<[[String]: FolderArchive]>([:])
    let fileTorrents = Mutex(FileTorrents())

    init(name: String, offer: Catalogue.Offer) {
        self.name = name
        self.offer = offer
        fileCount = offer.torrent.info.files.count { !$0.isPadding }
        let newest = offer.stamps.compactMap { $0?.modified }.max() ?? 0
        modified = HTTPDate(secondsSinceEpoch: newest / 1_000_000_000)
    }

    var info: TorrentInfo { offer.torrent.info }

    /// Whether it is the same in another snapshot.
    func isSame(as other: Catalogue.Offer) -> Bool {
        info.hashes == other.torrent.info.hashes && offer.directory == other.directory
            && offer.rootName == other.rootName && offer.stamps == other.stamps
    }

    /// Whether looking a file up takes but a moment.
    var isIndexed: Bool { info.isSingleFile || index.withLock { $0 != nil } }

    private func withIndex<Value>(_ body: (FolderIndex) -> Value) -> Value {
        index.withLock { index in
            let made = index ?? FolderIndex(info)
            index = made
            return body(made)
        }
    }

    // MARK: What there is

    /// The file of this path below the share's own folder; of no path, the share that is one file.
    func file(_ path: [String]) -> WebFile? {
        guard !info.isSingleFile else { return path.isEmpty || path == [info.name] ? file(at: 0, number: 0) : nil }
        return withIndex { $0.files[path] }.flatMap { file(at: $0.index, number: $0.number) }
    }

    private func file(at index: Int, number: Int) -> WebFile? {
        guard info.files.indices.contains(index), offer.stamps.indices.contains(index), let stamp = offer.stamps[index],
            stamp.size == info.files[index].length
        else { return nil }
        let entry = info.files[index]
        return WebFile(
            share: self, path: info.isSingleFile ? [] : entry.path, index: index, number: number, stamp: stamp,
            name: entry.path.last ?? name)
    }

    /// Bytes of the padding file of this path (BEP 47), which programs that know nothing of padding ask a web seed for. Files
    /// and folders of the share with such a name come first.
    func padding(_ path: [String]) -> Int64? {
        info.isSingleFile ? nil : withIndex { $0.padding[path] }
    }

    func isFolder(_ path: [String]) -> Bool {
        !info.isSingleFile && withIndex { $0.folders[path] != nil }
    }

    /// What is in a folder; nil if there is none of that path.
    func entries(_ path: [String]) -> [FolderEntry]? {
        guard !info.isSingleFile, let rows = withIndex({ $0.folders[path] }) else { return nil }
        return rows.map { name, row in
            let place = ([offer.directory, offer.rootName] + path + [name]).joined(separator: "/")
            let time = row.file.flatMap { offer.stamps.indices.contains($0) ? offer.stamps[$0]?.modified : nil }
            let seconds = time.map { $0 / 1_000_000_000 } ?? FileTime.modified(place) ?? 0
            return FolderEntry(
                name: name, kind: row.file == nil ? .folder(fileCount: row.fileCount) : .file, size: row.bytes,
                modified: HTTPDate(secondsSinceEpoch: seconds))
        }
    }

    /// All files below a folder, in the torrent's order.
    func files(below path: [String]) -> [WebFile] {
        var number = -1
        return info.files.indices.compactMap { index in
            let file = info.files[index]
            guard !file.isPadding else { return nil }
            number += 1
            guard file.symlinkTarget == nil, file.path.starts(with: path) else { return nil }
            return self.file(at: index, number: number)
        }
    }

    /// What people may paste into any BitTorrent program; its tracker, its web seed and its first peer are this host.
    func magnet(_ origin: WebOrigin) -> MagnetLink {
        var link = offer.torrent.magnet()
        if !info.isPrivate { link.trackers = [origin.url(.announce)] }
        link.webSeeds = [webSeed(origin)]
        link.peers = [origin.peer].compactMap(\.self)
        return link
    }

    /// The torrent with this host as its tracker and its web seed (BEP 19).
    func torrent(_ origin: WebOrigin) -> Torrent {
        var torrent = offer.torrent
        if !info.isPrivate { torrent.trackers = [[origin.url(.announce)]] + torrent.trackers }
        torrent.webSeeds = [webSeed(origin)] + torrent.webSeeds
        return torrent
    }

    /// Programs put the torrent's own name behind an address that ends with a slash.
    private func webSeed(_ origin: WebOrigin) -> String {
        if info.isSingleFile { return origin.url(.content(share: name, path: [], isFolder: false)) }
        if info.name == name { return origin.root + "/s/" }
        return origin.url(.content(share: name, path: [], isFolder: true))
    }

    /// The path as it is in the share: a web seed's address may have the torrent's name in it once more.
    func withoutTorrentName(_ path: [String]) -> [String] {
        guard info.name != name, path.first == info.name, file(path) == nil, !isFolder(path) else { return path }
        return Array(path.dropFirst())
    }

    func snapshot(_ origin: WebOrigin) -> ShareSnapshot {
        ShareSnapshot(
            name: name, isFolder: !info.isSingleFile, fileCount: fileCount,
            size: info.totalSize, modified: modified, magnet: magnet(origin))
    }
}

/// Folders and files of a torrent by path.
private struct FolderIndex: Sendable {
    struct Row: Sendable {
        var bytes: Int64 = 0
        var fileCount = 0
        var file: Int?
    }

    private(set) var folders: [[String]: [String: Row]] = [[]: [:]]
    /// The place in the torrent, and the number that BEP 53 counts by.
    private(set) var files: [[String]: (index: Int, number: Int)] = [:]
    /// Lengths of padding files. It never fills a piece, whatever a torrent says.
    private(set) var padding: [[String]: Int64] = [:]

    init(_ info: TorrentInfo) {
        var number = -1
        for (index, file) in info.files.enumerated() {
            guard !file.isPadding else {
                if file.length < info.pieceLength, padding[file.path] == nil { padding[file.path] = file.length }
                continue
            }
            number += 1
            guard file.symlinkTarget == nil else { continue }
            files[file.path] = (index, number)
            for depth in file.path.indices {
                let folder = Array(file.path.prefix(depth))
                var row = folders[folder]?[file.path[depth]] ?? Row()
                row.bytes += file.length
                row.fileCount += 1
                if depth == file.path.count - 1 { row.file = index }
                folders[folder, default: [:]][file.path[depth]] = row
            }
        }
    }
}
