import Host
import Metainfo
import Storage
import Synchronization

/// What a link was printed for.
struct LinkedOffer {
    let info: TorrentInfo
    let directory: String
    let rootName: String
    /// Nil while nothing of it is there.
    var transfer: TransferID?
    /// Offers it as it was, once it is there again.
    let again: () async throws -> TransferID

    var path: String { directory + "/" + rootName }
}

extension ShareSession {
    /// Withdraws what is not there any more, as a host that runs does, and offers what is there again.
    func look(at index: Int) async {
        let offer = offers[index]
        let isThere = ResumeRecord.isAnythingThere(
            of: offer.info, directory: offer.directory, rootName: offer.rootName)
        let shown = VisibleText.escaped(offer.path)
        if let transfer = offer.transfer {
            guard !isThere else { return }
            offers[index].transfer = nil
            await host.end(transfer)
            console.warn("duplex: \(shown) has no files now; its link gives them again when they are back")
        } else if isThere {
            do {
                offers[index].transfer = try await offer.again()
                console.remark("\(shown) is there again, and its link gives it.")
            } catch let error as CommandFailure {
                console.warn("duplex: \(error)")
            } catch {
                // It is being put back: the next change tells.
            }
        }
    }

    /// What is there now, if it is what the link gives.
    static func refuseOther(_ created: CreatedTorrent, than hashes: InfoHashes) throws {
        guard created.torrent.info.hashes != hashes else { return }
        let shown = VisibleText.escaped(created.directory + "/" + created.rootName)
        throw CommandFailure(
            "cannot go on with the link of \(shown)", why: "other files are there now", remedy: "share it again")
    }
}

/// Which of several folders have changed since somebody looked.
final class ChangedFolders: Sendable {
    private let watch = FolderWatch<Int>()
    private let changed: Mutex<Set<Int>>

    /// All are to be looked at once.
    init(_ paths: [String]) {
        changed = Mutex(Set(paths.indices))
        for (index, path) in paths.enumerated() { watch.watch(path, id: index) }
    }

    /// Notes what is told until ``stop()``.
    func read() async {
        for await event in watch.events {
            switch event {
            case .changed(let index), .vanished(let index), .returned(let index):
                changed.withLock { _ = $0.insert(index) }
            case .notice: break
            }
        }
    }

    func take() -> [Int] {
        changed.withLock { changed in
            defer { changed = [] }
            return changed.sorted()
        }
    }

    func stop() { watch.stop() }
}
