import Storage
import Synchronization
import WebPages
import WebWire

/// Files that were uploaded a moment ago and are not hashed yet: pages show them already.
final class UploadArrivals: Sendable {
    private struct Arrival {
        let size: Int64
        let time: Int64
        let folder: String
    }

    /// By the share's name, and path within it.
    private let arrivals = Mutex<[String: [[String]: Arrival]]>([:])
    /// So long nobody asks whether a file is still there, seconds.
    private static let graceTime: Int64 = 30

    func add(_ path: [String], in inbox: Inbox, size: Int64, now: Int64) {
        let arrival = Arrival(size: size, time: now, folder: inbox.path)
        arrivals.withLock { $0[inbox.name, default: [:]][path] = arrival }
    }

    func count(_ share: String) -> Int { arrivals.withLock { $0[share]?.count ?? 0 } }

    func contains(_ path: [String], in share: String) -> Bool { arrivals.withLock { $0[share]?[path] != nil } }

    /// Whether one of them is somewhere in this folder.
    func containsFolder(_ path: [String], in share: String) -> Bool {
        arrivals.withLock { all in
            all[share]?.keys.contains { $0.count > path.count && $0.starts(with: path) } ?? false
        }
    }

    /// What a folder's page shows besides `entries`, which the share has already.
    func entries(in path: [String], of share: String, besides entries: [FolderEntry]) -> [FolderEntry] {
        let known = Set(entries.map(\.name))
        let found = arrivals.withLock { all in
            all[share]?.filter { $0.key.count > path.count && $0.key.starts(with: path) } ?? [:]
        }
        var rows: [String: FolderEntry] = [:]
        for (place, arrival) in found where !known.contains(place[path.count]) {
            let isFolder = place.count > path.count + 1
            let name = place[path.count]
            var row =
                rows[name]
                ?? FolderEntry(
                    name: name, kind: isFolder ? .folder(fileCount: 0) : .file, size: 0,
                    modified: HTTPDate(secondsSinceEpoch: arrival.time), isArriving: true)
            if case .folder(let count) = row.kind { row.kind = .folder(fileCount: count + 1) }
            row.size += arrival.size
            rows[name] = row
        }
        return Array(rows.values)
    }

    /// Forgets those that a share has now, or that are gone. Blocks.
    func settle(_ shares: [String: WebShare], now: Int64) {
        let waiting = arrivals.withLock { $0 }
        for (name, files) in waiting {
            for (path, arrival) in files {
                let isShared = shares[name]?.file(path) != nil
                let isOld = arrival.time < now - Self.graceTime
                guard isShared || isOld && !FileTime.exists(([arrival.folder] + path).joined(separator: "/")) else {
                    continue
                }
                arrivals.withLock { all in
                    all[name]?[path] = nil
                    if all[name]?.isEmpty == true { all[name] = nil }
                }
            }
        }
    }
}
