import Storage

/// Uploads over restarts, and those that nobody comes back for.
extension UploadKeeper {
    func remember(_ upload: Upload) async {
        guard upload.isResumable, let records, let length = upload.length else { return }
        let record = UploadRecord(
            id: upload.id, shareID: upload.inbox.shareID, place: upload.place, length: length, sender: upload.sender,
            synchronized: upload.synchronized, lastUsed: upload.lastUsed)
        // Without its record an upload begins anew after a restart; that is no reason to refuse it.
        await pool.spread { try? records.save(JSON.encode(record), as: record.id) }
        // It may have ended meanwhile.
        if uploads[upload.id] == nil { records.remove(upload.id) }
    }

    /// Takes up what an earlier run of this host has begun, for those shares that are inboxes still.
    func restore(_ inboxes: [Inbox]) async {
        let byID = Dictionary(inboxes.map { ($0.shareID, $0) }, uniquingKeysWith: { first, _ in first })
        if let records {
            let found = await pool.spread { records.all() }
            let oldest = SystemClock.secondsNow - limits.restingTime
            for entry in found {
                guard let record = entry.bytes.flatMap({ try? JSON.decode(UploadRecord.self, from: $0) }),
                    record.id == entry.name, record.lastUsed > oldest, let inbox = byID[record.shareID],
                    let upload = await reopen(record, inbox)
                else {
                    records.remove(entry.name)
                    continue
                }
                uploads[upload.id] = upload
            }
        }
        await sweepFolders(inboxes)
    }

    private func reopen(_ record: UploadRecord, _ inbox: Inbox) async -> Upload? {
        guard record.synchronized >= 0, record.synchronized <= record.length else { return nil }
        let file = await pool.spread { () -> StagedFile? in
            guard let file = try? inbox.folder.reopen(record.id), let size = try? file.size(),
                size >= record.synchronized
            else { return nil }
            // What is behind may be zeros after a power cut.
            return (try? file.truncate(to: record.synchronized)) == nil ? nil : file
        }
        guard let file else { return nil }
        return Upload(
            id: record.id, inbox: inbox, place: record.place, length: record.length, sender: record.sender,
            isResumable: true, file: file, offset: record.synchronized, synchronized: record.synchronized,
            lastUsed: record.lastUsed)
    }

    /// Files in the hidden folders that belong to nothing: left by a kill.
    private func sweepFolders(_ inboxes: [Inbox]) async {
        let kept = Set(uploads.keys)
        let age = limits.restingTime
        for inbox in inboxes {
            await pool.spread {
                inbox.folder.sweep(olderThan: age, keeping: kept, now: SystemClock.secondsNow)
            }
        }
    }

    /// Gives up what has rested too long, and what belongs to shares that are no inboxes any more.
    func sweep(_ inboxes: [Inbox]) {
        let now = SystemClock.secondsNow
        let open = Set(inboxes.map(\.shareID))
        for upload in uploads.values {
            let isForgotten = !upload.isBusy && upload.lastUsed < now - limits.restingTime
            if isForgotten || !open.contains(upload.inbox.shareID) { forget(upload) }
        }
        finished = finished.filter { $0.value.time > now - Self.finishedTime }
    }

    /// How far an upload is. Its connection may be dead: whoever asks goes on.
    func state(of id: String) async throws -> (offset: Int64, length: Int64?, expires: Int64?, place: Finished?) {
        if let done = finished[id] { return (done.length, done.length, nil, done) }
        guard uploads[id] != nil else { throw UploadError.unknown }
        try await takeOver(id)
        guard let upload = uploads[id] else {
            guard let done = finished[id] else { throw UploadError.unknown }
            return (done.length, done.length, nil, done)
        }
        return (upload.offset, upload.length, upload.lastUsed + limits.restingTime, nil)
    }
}
