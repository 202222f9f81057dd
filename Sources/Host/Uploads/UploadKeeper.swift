import Metainfo
import NIOCore
import Storage
import Transport

/// What strangers are putting into this host's inboxes: every file that has begun and is not in its place yet.
///
/// A file is written as it comes and is part of the share only when it is whole. All bounds are looked at before
/// anything is taken. Uploads that can be resumed are remembered over restarts of a lasting host.
actor UploadKeeper {
    struct Upload {
        let id: String
        let inbox: Inbox
        /// Where it is to be, below the inbox's folder.
        let place: [String]
        /// Bytes; nil if they were not announced.
        let length: Int64?
        let sender: UploadSender
        let isResumable: Bool
        let file: StagedFile
        var offset: Int64 = 0
        /// So many bytes are safe on the disk.
        var synchronized: Int64 = 0
        /// What it is received from at the moment.
        var body: HTTPBodyStream?
        /// Being received or put into its place.
        var isBusy = false
        var isEnding = false
        var lastUsed = SystemClock.secondsNow
    }

    /// One that is in its place: its client may not have heard of that.
    struct Finished: Sendable {
        let share: String
        let path: [String]
        let length: Int64
        let time: Int64
    }

    let pool: DiskPool
    let records: RecordFolder?
    nonisolated let arrivals = UploadArrivals()
    var limits = UploadLimits()
    var uploads: [String: Upload] = [:]
    var finished: [String: Finished] = [:]
    /// Begun, and waiting for the disk.
    private var beginning = 0
    private var requests: [UploadSender: Int] = [:]
    /// Called with the identity of a share that has a new file.
    private var arrived: @Sendable (String) async -> Void = { _ in }
    /// Tells the owner what is wrong with the disk.
    private var complain: @Sendable (Inbox, any Error) async -> Void = { _, _ in }

    static let maximumFinished = 1000
    static let finishedTime: Int64 = 3600
    /// After so many bytes what was received is made safe, so that a kill costs no more.
    static let synchronizedStep: Int64 = 64 << 20

    /// - Parameter state: where to remember; nil for a host that remembers nothing.
    init(pool: DiskPool, state: StateDirectory?) throws(StorageError) {
        self.pool = pool
        records = try state.map { state throws(StorageError) in try RecordFolder(state, kind: "uploads") }
    }

    func start(
        limits: UploadLimits, arrived: @escaping @Sendable (String) async -> Void,
        complain: @escaping @Sendable (Inbox, any Error) async -> Void
    ) {
        self.limits = limits
        self.arrived = arrived
        self.complain = complain
    }

    func use(_ limits: UploadLimits) { self.limits = limits }

    // MARK: Requests

    /// Lets in a request that brings something, unless there are too many; ``leave(_:)`` follows.
    func enter(_ sender: UploadSender) throws(UploadError) {
        guard requests[sender, default: 0] < limits.requestsOfSender else { throw .tooMany }
        guard requests.values.reduce(0, +) < limits.requests else { throw .busy }
        requests[sender, default: 0] += 1
    }

    func leave(_ sender: UploadSender) {
        let left = requests[sender, default: 1] - 1
        requests[sender] = left > 0 ? left : nil
    }

    // MARK: Beginning

    /// Begins a file.
    ///
    /// - Returns: its identity, which only its sender is told.
    func begin(
        in inbox: Inbox, at place: [String], length: Int64?, from sender: UploadSender, isResumable: Bool
    ) async throws -> String {
        try check(inbox, place, length)
        try makeRoom(for: sender)
        let id = Self.makeID()
        let reserve = limits.reserve
        beginning += 1
        defer { beginning -= 1 }
        let staged = await pool.spread { () -> Result<StagedFile, any Error> in
            Result {
                if let free = inbox.folder.freeBytes(), free - reserve < (length ?? 1) { throw UploadError.diskFull }
                return try inbox.folder.stage(id)
            }
        }
        do {
            var upload = Upload(
                id: id, inbox: inbox, place: place, length: length, sender: sender, isResumable: isResumable,
                file: try staged.get())
            // Such a one never rests: it ends with its request.
            upload.isBusy = !isResumable
            uploads[id] = upload
            await remember(upload)
        } catch {
            throw await told(error, inbox)
        }
        return id
    }

    private func check(_ inbox: Inbox, _ place: [String], _ length: Int64?) throws(UploadError) {
        guard place.count <= InboxName.maximumDepth else { throw .badName("it is in too many folders") }
        if let reason = InboxName.refusal(of: place) {
            throw .badName("files like this are not shared (\(reason))")
        }
        if let length, length > limits.file { throw .tooLarge(limits.file) }
        guard inbox.fileCount + arrivals.count(inbox.name) + beginning < limits.filesOfInbox else { throw .inboxFull }
    }

    /// Uploads that rest give way to those that move: first the sender's own, then those of whoever has most.
    private func makeRoom(for sender: UploadSender) throws(UploadError) {
        let own = uploads.values.filter { $0.sender == sender }
        if own.count >= limits.unfinishedOfSender {
            guard let oldest = Self.oldest(own) else { throw .tooMany }
            forget(oldest)
        }
        if uploads.count + beginning >= limits.unfinished || unfinishedBytes >= limits.unfinishedBytes {
            let bySender = Dictionary(grouping: uploads.values, by: \.sender)
            let most = bySender.values.max { $0.count < $1.count } ?? []
            guard let oldest = Self.oldest(most) ?? Self.oldest(Array(uploads.values)) else { throw .busy }
            forget(oldest)
        }
    }

    /// Of those that nobody is sending at the moment.
    private static func oldest(_ uploads: [Upload]) -> Upload? {
        uploads.filter { !$0.isBusy }.min { $0.lastUsed < $1.lastUsed }
    }

    private var unfinishedBytes: Int64 { uploads.values.reduce(0) { $0 + $1.offset } }

    private static func makeID() -> String {
        var random = SystemRandomNumberGenerator()
        let words = [random.next() as UInt64, random.next() as UInt64]
        return Hexadecimal.encode(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    }

    // MARK: Receiving

    /// Writes what comes next of a file.
    func append(_ parts: [ByteBuffer], to id: String) async throws {
        guard let upload = uploads[id] else { throw UploadError.unknown }
        let count = parts.reduce(Int64(0)) { $0 + Int64($1.readableBytes) }
        let end = upload.offset + count
        if let length = upload.length, end > length { throw UploadError.tooLong }
        guard end <= limits.file else { throw UploadError.tooLarge(limits.file) }
        guard unfinishedBytes + count <= limits.unfinishedBytes else { throw UploadError.busy }
        let (reserve, file, folder) = (limits.reserve, upload.file, upload.inbox.folder)
        let mustSynchronize = upload.isResumable && end - upload.synchronized >= Self.synchronizedStep
        uploads[id]?.isBusy = true
        let written = await pool.spread { () -> Result<Int64, any Error> in
            Result {
                if let free = folder.freeBytes(), free - reserve < count { throw UploadError.diskFull }
                let offset = try file.write(parts, at: upload.offset)
                if mustSynchronize { try file.synchronize() }
                return offset
            }
        }
        do {
            let offset = try written.get()
            uploads[id]?.offset = offset
            uploads[id]?.lastUsed = SystemClock.secondsNow
            if mustSynchronize {
                uploads[id]?.synchronized = offset
                if let now = uploads[id] { await remember(now) }
            }
        } catch {
            throw await told(error, upload.inbox)
        }
    }

    /// Receives what comes next of a file that can be resumed. What arrived stays, whatever happens.
    func receive(_ body: HTTPBodyStream, at offset: Int64, of id: String) async throws {
        try await takeOver(id)
        guard let upload = uploads[id] else { throw UploadError.unknown }
        guard upload.offset == offset else { throw UploadError.wrongOffset(upload.offset) }
        uploads[id]?.isBusy = true
        uploads[id]?.body = body
        var failure: (any Error)?
        do {
            while let parts = try await body.next() { try await append(parts, to: id) }
        } catch {
            failure = error
        }
        await rest(id)
        if let failure { throw failure }
    }

    /// Whoever sends now is believed over a connection that may be dead already.
    func takeOver(_ id: String) async throws {
        for _ in 0..<500 {
            guard let upload = uploads[id], upload.isBusy else { return }
            upload.body?.cancel()
            try await Task.sleep(for: .milliseconds(20))
        }
        throw UploadError.busy
    }

    private func rest(_ id: String) async {
        guard let upload = uploads[id] else { return }
        let file = upload.file
        let isSafe = await pool.spread { (try? file.synchronize()) != nil }
        uploads[id]?.lastUsed = SystemClock.secondsNow
        if isSafe { uploads[id]?.synchronized = upload.offset }
        if let now = uploads[id] { await remember(now) }
        // Only now: whoever asks how far it is must be told nothing that a kill would take back.
        uploads[id]?.body = nil
        uploads[id]?.isBusy = false
    }

    // MARK: Ending

    /// Gives a file that is whole its place.
    ///
    /// - Returns: its path below the inbox's folder: its name may have been taken.
    func finish(_ id: String) async throws -> [String] {
        guard let upload = uploads[id] else { throw UploadError.unknown }
        guard !upload.isEnding else { throw UploadError.busy }
        uploads[id]?.isBusy = true
        uploads[id]?.isEnding = true
        let (inbox, file, place) = (upload.inbox, upload.file, upload.place)
        let placed = await pool.spread { () -> Result<[String], any Error> in
            Result { try inbox.folder.place(file, at: place) }
        }
        do {
            let path = try placed.get()
            uploads[id] = nil
            records?.remove(id)
            let now = SystemClock.secondsNow
            finished[id] = Finished(share: inbox.name, path: path, length: upload.offset, time: now)
            if finished.count > Self.maximumFinished, let oldest = finished.min(by: { $0.value.time < $1.value.time }) {
                finished[oldest.key] = nil
            }
            arrivals.add(path, in: inbox, size: upload.offset, now: now)
            await arrived(inbox.shareID)
            return path
        } catch {
            forget(upload)
            throw await told(error, inbox)
        }
    }

    /// Gives a file up.
    func cancel(_ id: String) async throws {
        guard uploads[id] != nil else { throw UploadError.unknown }
        try await takeOver(id)
        if let upload = uploads[id] { forget(upload) }
    }

    /// Gives up a file that cannot be resumed.
    func abandon(_ id: String) {
        if let upload = uploads[id] { forget(upload) }
    }

    func forget(_ upload: Upload) {
        upload.body?.cancel()
        uploads[upload.id] = nil
        let (folder, file, records, id) = (upload.inbox.folder, upload.file, records, upload.id)
        pool.submit(affinity: 0) {
            folder.discard(file)
            records?.remove(id)
        }
    }

    /// The error for the sender. What is wrong with the disk its owner should know.
    private func told(_ error: any Error, _ inbox: Inbox) async -> UploadError {
        let known = UploadError(error)
        switch known {
        case .diskFull, .failed, .missing: await complain(inbox, error)
        default: break
        }
        return known
    }
}
