import Metainfo
import NIOCore
import Storage
import Transport
import WebPages
import WebWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files and folders of shares.
extension WebService {
    func content(_ asked: WebRequest, _ name: String, _ path: [String], _ isFolder: Bool) async -> HTTPReply {
        let snapshot = snapshot
        if let inbox = snapshot.inboxes[name] { return await inboxContent(asked, inbox, path, isFolder) }
        guard let share = snapshot.shares[name] else { return noSuchShare(name) }
        let place = share.withoutTorrentName(path)
        if share.isFolder(place) {
            guard isFolder else {
                return Self.redirect(to: WebRoute.content(share: name, path: path, isFolder: true).url)
            }
            if let start = share.file(place + ["index.html"]) { return await download(asked, start, isStart: true) }
            return folder(asked, share, place)
        }
        guard !isFolder else { return errorPage(404) }
        if let file = share.file(place) { return await download(asked, file) }
        return padding(asked, share, place)
    }

    /// The zeros between the files of a hybrid, or 404.
    func padding(_ asked: WebRequest, _ share: WebShare?, _ path: [String]) -> HTTPReply {
        guard let length = share?.padding(path) else { return errorPage(404) }
        let content = Representation(
            length: length, mediaType: MediaType.binary,
            validators: Validators(entityTag: EntityTag(opaque: "zeros-\(length)"), lastModified: nil),
            extraFields: SecurityFields.content(MediaType.binary))
        let answer = ContentAnswer(
            to: asked.method, fields: asked.fields, of: content, now: Self.now, boundary: Self.boundary())
        return reply(answer, answer.body.isEmpty ? nil : ZeroBody(answer.body))
    }

    /// A file that goes out as it is: what is asked for most, and made in a moment. Nil for everything else.
    func promptDownload(_ asked: WebRequest, _ route: WebRoute) async -> HTTPReply? {
        guard case .content(let name, let path, isFolder: false) = route, let share = snapshot.shares[name],
            share.isIndexed, snapshot.inboxes[name] == nil, let file = share.file(path),
            !Self.isCoded(MediaType.forName(file.name))
        else { return nil }
        return await download(asked, file)
    }

    private func folder(_ asked: WebRequest, _ share: WebShare, _ path: [String]) -> HTTPReply {
        guard var entries = share.entries(path) else { return errorPage(404) }
        for (place, entry) in entries.enumerated() where !entry.isFolder {
            guard let file = share.file(path + [entry.name]) else { continue }
            entries[place].magnet = share.magnet(of: file, asked.origin)
            entries[place].hasTorrent = share.hasTorrent(of: file)
        }
        let folder = FolderSnapshot(
            hostName: snapshot.hostName, share: share.snapshot(asked.origin), path: path, entries: entries)
        return page(FolderPage.html(folder, order: FolderOrder(asked.path.parameters)).markup, asked)
    }

    // MARK: Downloads

    /// - Parameter isStart: whether it stands for the folder that it is in, so that programs are told of the whole share too.
    func download(_ asked: WebRequest, _ file: WebFile, isStart: Bool = false) async -> HTTPReply {
        if Self.coding(for: asked) == nil { return notAcceptable() }
        let type = MediaType.forName(file.name)
        let generation = snapshot.generation
        let recent = isStart ? nil : recent.find(file)
        let isRecent = recent?.generation == generation && recent?.origin == asked.origin
        let extra = isRecent ? recent?.fields : nil
        let fields = extra ?? contentFields(asked, file, type: type, isStart: isStart)
        if let coded = await codedDownload(asked, file, type: type, extra: fields) { return coded }
        let content = Representation(
            length: file.length, mediaType: type,
            validators: Validators(entityTag: file.entityTag, lastModified: file.modified),
            sha256: await digests.digests(of: file, within: Self.digestPatience(for: asked, file))?.sha256,
            extraFields: fields)
        let answer = ContentAnswer(
            to: asked.method, fields: asked.fields, of: content, now: Self.now, boundary: Self.boundary())
        if let recent, let bytes = inMemory(answer, recent, file) {
            return HTTPReply(status: answer.status, headers: answer.fields.pairs, body: .buffer(bytes))
        }
        return await opened(asked, file, answer) { [recent = self.recent] opened in
            guard !isStart else { return }
            recent.keep(opened, fields, asked.origin, generation: generation, of: file)
        }
    }

    /// The body of an answer that the system has in memory, of a file that is still open.
    private func inMemory(_ answer: ContentAnswer, _ opened: RecentFiles.Recent, _ file: WebFile) -> ByteBuffer? {
        guard answer.body.count == 1, case .content(let range) = answer.body[0], range.count <= FileBody.directLength
        else { return nil }
        do {
            return try opened.file.readCached(range)
        } catch {
            // It has changed, or is another by now: whoever opens it finds out.
            recent.forget(file)
            return nil
        }
    }

    private func opened(
        _ asked: WebRequest, _ file: WebFile, _ answer: ContentAnswer, keep: @escaping @Sendable (SharedFile) -> Void
    ) async -> HTTPReply {
        let isShort = answer.body.reduce(0) { $0 + $1.count } <= FileBody.directLength
        do {
            if asked.method == .get, !answer.body.isEmpty, isShort {
                let bytes = try await pool.spread {
                    Result {
                        let opened = try file.open()
                        keep(opened)
                        return try opened.read(answer.body)
                    }
                }.get()
                return HTTPReply(status: answer.status, headers: answer.fields.pairs, body: .bytes(bytes))
            }
            // Also for HEAD: what cannot be sent is not promised.
            let opened = try await pool.spread { Result { try file.open() } }.get()
            guard asked.method == .get, !answer.body.isEmpty else { return reply(answer, nil) }
            return reply(answer, FileBody(opened, answer.body, pool: pool))
        } catch {
            return cannotRead(error)
        }
    }

    /// What answers say of a file beside its content.
    private func contentFields(_ asked: WebRequest, _ file: WebFile, type: String, isStart: Bool) -> HeaderFields {
        var fields = SecurityFields.content(type)
        fields.append("Cache-Control", "no-cache")
        fields.append("Content-Disposition", ContentDisposition.inline(file.name))
        if isStart {
            let whole = asked.origin.url(.torrent(share: file.share.name, path: []))
            fields.append("Link", Link(target: whole, relation: "alternate", mediaType: MediaType.torrent).description)
        }
        for link in links(file, asked.origin) { fields.append("Link", link.description) }
        if Self.isCoded(type) { fields.append("Vary", "Accept-Encoding") }
        return fields
    }

    /// Files that are hashed in a moment: the first who asks for one waits for its digest.
    private static let promptLength: Int64 = 4 << 20
    private static let longestWait: Int64 = 30

    /// How long an answer waits for the file's digest: a moment for a small file, and else as long as somebody who asks
    /// for the fields alone says that it likes to wait (RFC 7240).
    private static func digestPatience(for asked: WebRequest, _ file: WebFile) -> Duration {
        let moment = Duration.seconds(file.length <= promptLength ? 2 : 0)
        guard asked.method == .head, let seconds = WaitPreference(asked.fields)?.seconds else { return moment }
        return max(moment, .seconds(min(seconds, longestWait)))
    }

    func cannotRead(_ error: any Error) -> HTTPReply {
        // It has changed since it was hashed, and is hashed anew at this moment; or it is gone.
        errorPage((error as? StorageError)?.kind == .missing ? 404 : 503, extra: ["Retry-After": "2"])
    }

    func reply(_ answer: ContentAnswer, _ source: (any HTTPBodySource)?) -> HTTPReply {
        if let source { return HTTPReply(status: answer.status, headers: answer.fields.pairs, body: .source(source)) }
        // The length of what HEAD would have got is among the fields.
        guard answer.status == 200 || answer.status == 206 else {
            return HTTPReply(status: answer.status, headers: answer.fields.pairs.filter { $0.name != "Content-Length" })
        }
        return HTTPReply(status: answer.status, headers: answer.fields.pairs, body: .source(NoBody()))
    }

    /// One header field for each, since aria2 reads no more than one link of each.
    private func links(_ file: WebFile, _ origin: WebOrigin) -> [Link] {
        let name = file.share.name
        var links = [
            Link.description(
                origin.url(.metalink(share: name, path: file.path)), mediaType: MediaType.metalink)
        ]
        if file.share.hasTorrent(of: file) {
            links.append(
                .description(origin.url(.torrent(share: name, path: file.path)), mediaType: MediaType.torrent))
        }
        let isTagged = file.share.info.format.hasV2
        return links + mirrors(file).map { Link.mirror($0, priority: 2, isPreferred: isTagged) }
    }

    /// Where other hosts have the same bytes.
    func mirrors(_ file: WebFile) -> [String] {
        let hashes = Set([file.share.info.hashes.v1?.hex, file.share.info.hashes.v2?.hex].compactMap(\.self))
        return snapshot.neighbours.flatMap { other -> [String] in
            guard let origin = other.origin else { return [] }
            let same = other.shares.filter { !hashes.isDisjoint(with: $0.value) }.keys.sorted()
            return same.map { origin.url(.content(share: $0, path: file.path, isFolder: false)) }
        }.prefix(16).map(\.self)
    }

    // MARK: Previews

    private static let previewLength: Int64 = 64 << 10

    func view(_ asked: WebRequest, _ name: String, _ path: [String]) async -> HTTPReply {
        guard let share = snapshot.shares[name] else { return noSuchShare(name) }
        guard let file = share.file(path) else { return errorPage(404) }
        var model = FileSnapshot(
            hostName: snapshot.hostName, share: share.snapshot(asked.origin), path: file.path, size: file.length,
            modified: file.modified, sha256: await digests.peek(file)?.sha256,
            magnet: share.magnet(of: file, asked.origin), hasTorrent: share.hasTorrent(of: file))
        if MediaType.preview(file.name) == .text {
            let range = 0..<min(file.length, Self.previewLength)
            if let bytes = await pool.spread({ try? file.open().read(range) }) {
                model.text = String(decoding: bytes, as: UTF8.self)
                model.isTextCut = file.length > Self.previewLength
            }
        }
        if let entries = share.entries(Array(file.path.dropLast())), let own = file.path.last {
            let names = FolderOrder().names(of: entries)
            if let place = names.firstIndex(of: own) {
                model.previous = place > 0 ? names[place - 1] : nil
                model.next = place + 1 < names.count ? names[place + 1] : nil
            }
        }
        return page(FilePage.html(model).markup, asked)
    }

    static func boundary() -> String {
        var random = SystemRandomNumberGenerator()
        return String(random.next() as UInt64, radix: 16) + String(random.next() as UInt64, radix: 16)
    }

    static var now: HTTPDate { HTTPDate(secondsSinceEpoch: Int64(time(nil))) }
}

/// For answers that have fields only.
struct NoBody: HTTPBodySource {
    func next() async throws -> HTTPBodyPart? { nil }
}

extension FolderOrder {
    /// The files of the first page by name, as they stand there.
    fileprivate func names(of entries: [FolderEntry]) -> [String] {
        apply(to: entries).entries.filter { !$0.isFolder }.map(\.name)
    }
}
