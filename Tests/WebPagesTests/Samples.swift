import Metainfo
import WebPages
import WebWire

enum Samples {
    static let hostile = "<img src=x onerror=alert(1)>\"'&"
    static let date = HTTPDate(secondsSinceEpoch: 1_795_572_000)

    static var magnet: MagnetLink? {
        let hashes = InfoHashes(
            v1: InfoHashV1((0..<20).map { $0 }), v2: InfoHashV2((0..<32).map { $0 }))
        return hashes.map { MagnetLink(hashes: $0, name: hostile, trackers: ["http://t/announce?a=1&b=2"]) }
    }

    static func share(_ name: String = hostile, isInbox: Bool = false) -> ShareSnapshot {
        ShareSnapshot(
            name: name, isFolder: true, fileCount: 1234, size: 5_000_000_000, modified: date, isInbox: isInbox,
            magnet: magnet)
    }

    static func entries(_ names: [String]) -> [FolderEntry] {
        names.enumerated().map { index, name in
            FolderEntry(
                name: name, kind: .file, size: Int64(index), modified: HTTPDate(secondsSinceEpoch: -Int64(index)),
                magnet: magnet, hasTorrent: true)
        }
    }

    static func folder(_ entries: [FolderEntry], isInbox: Bool = false) -> FolderSnapshot {
        FolderSnapshot(hostName: hostile, share: share(isInbox: isInbox), path: [hostile], entries: entries)
    }

    static func file(_ name: String, text: String? = nil) -> FileSnapshot {
        FileSnapshot(
            hostName: hostile, share: share(), path: [hostile, name], size: 1234, modified: date,
            sha256: Array(repeating: 0xAB, count: 32), magnet: magnet, hasTorrent: true, text: text,
            isTextCut: text != nil, previous: hostile, next: hostile)
    }

    /// All pages, with names that attack them.
    static var pages: [String] {
        let others = [
            OtherHost(name: hostile, url: "javascript:alert(1)", shareCount: 1),
            OtherHost(name: hostile, url: "http://other/?\"><script>", isDedicated: true),
        ]
        let pages = [
            HomePage.html(HostSnapshot(name: hostile, shares: [share(), share(isInbox: true)], otherHosts: others)),
            FolderPage.html(folder(entries([hostile, "a"]))), FolderPage.html(folder([], isInbox: true)),
            FilePage.html(file("a.txt", text: hostile)), FilePage.html(file("a.png")), FilePage.html(file("a.mp3")),
            FilePage.html(file("a.mp4")), FilePage.html(file("a.bin")),
            ErrorPage.html(status: 404, hostName: hostile), OwnerPage.html,
        ]
        return pages.map(\.markup)
    }
}
