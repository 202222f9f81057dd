import Storage

/// Has a ``ShareKeeper`` hear of changes in its folders.
final class FolderWatcher: ShareWatching {
    private let watch = FolderWatch<String>()
    private let reading: Task<Void, Never>

    init(shares: ShareKeeper) {
        let events = watch.events
        reading = Task { [weak shares] in
            for await event in events {
                switch event {
                case .changed(let id), .vanished(let id), .returned(let id): await shares?.folderChanged(id: id)
                case .notice(let text): await shares?.folderNotice(text)
                }
            }
        }
    }

    func watch(_ path: String, id: String) {
        watch.watch(path, id: id)
    }

    func unwatch(_ id: String) {
        watch.unwatch(id)
    }

    var figures: WatchFigures { watch.figures }

    func stop() {
        watch.stop()
        reading.cancel()
    }
}
