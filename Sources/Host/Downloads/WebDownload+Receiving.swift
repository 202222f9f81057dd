import FoundationEssentials
import NIOCore
import Storage
import Transport
import WebWire

/// The bytes of a download: asked for, written, asked for again when a server falls away.
extension WebDownload {
    private static let checkpointTime = Duration.seconds(2)
    /// Attempts without a single byte, one after another.
    private static let maximumFailures = 8
    /// A server that cannot go on from the middle and always breaks off would be asked for ever.
    private static let maximumRestarts = 5
    private static let longestWait: Int64 = 30
    /// A server may ask for more patience than that, and is told that nobody has it.
    private static let longestRetryAfter: Int64 = 120

    /// Until everything is here.
    func receiveAll() async throws {
        var failures = 0
        while true {
            let before = downloaded
            let result = await receiveOnce()
            try Task.checkCancellation()
            guard case .failure(let error) = result else { return }
            if downloaded > before { failures = 0 }
            failures += 1
            if !isOrigin, sources.count > 1, let trouble = error as? WebTrouble, !trouble.isPassing {
                // Only a server that somebody has named as having the same.
                dropSource()
                continue
            }
            guard Self.isPassing(error), failures < Self.maximumFailures else { throw error }
            let wait = try Self.wait(error, failures)
            if sources.count > 1, claim != nil { source = (source + 1) % sources.count }
            try await Task.sleep(for: .seconds(wait))
        }
    }

    private func receiveOnce() async -> Result<Void, any Error> {
        do {
            let answer: WebAnswer
            if let first = firstAnswer {
                firstAnswer = nil
                answer = first
            } else {
                answer = try await ask(from: done)
            }
            try await receive(answer)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// - Parameter position: where the answer should begin, if what is here can be trusted to be the same.
    private func ask(from position: Int64) async throws -> WebAnswer {
        let headers = Self.headers(part?.record, position, isOrigin: isOrigin, isVerified: claim != nil)
        let answer = try await client.get(sources[source], headers: headers)
        guard answer.status == 416, position > 0 else { return answer }
        answer.stream.close()
        // It is shorter there than what is here.
        return try await client.get(sources[source], headers: DigestFields.wanted)
    }

    /// Whether a part can be asked for: if the server is told by a validator what it must be a part of (RFC 9110 §13.1.5),
    /// or if the whole is verified in the end.
    static func headers(
        _ record: DownloadRecord?, _ position: Int64, isOrigin: Bool, isVerified: Bool
    ) -> [(name: String, value: String)] {
        var headers = DigestFields.wanted
        guard let record, position > 0, record.hasValidator || isVerified else { return headers }
        headers.append(("Range", "bytes=\(position)-"))
        // Other servers have validators of their own.
        guard isOrigin, let validator = record.entityTag ?? record.lastModified else { return headers }
        headers.append(("If-Range", validator))
        return headers
    }

    private func receive(_ answer: WebAnswer) async throws {
        defer { answer.stream.close() }
        let part = try await place(answer)
        learn(answer)
        let pool = pool
        let contentDigest = DigestFields.content(of: answer.fields)
        await pool.value { part.beginMessage(hashing: contentDigest != nil) }
        let begin = part.length
        var last = ContinuousClock.now
        while let parts = try await answer.stream.next() {
            try Task.checkCancellation()
            let count = parts.reduce(0) { $0 + Int64($1.readableBytes) }
            if let total, done + count > total { throw WebTrouble.answer("the server sends more than it said") }
            try await pool.value { Result { () throws(StorageError) in try part.write(parts) } }.get()
            done = part.length
            downloaded += count
            if ContinuousClock.now - last > Self.checkpointTime {
                try await pool.value { Result { () throws(StorageError) in try part.checkpoint() } }.get()
                last = .now
            }
        }
        if let total, done < total { throw HTTPClientError.closedEarly }
        if total == nil { total = done }
        if let contentDigest, begin < done, await pool.value({ part.messageDigest() }) != contentDigest {
            try await startOver(part)
            throw HTTPClientError.closedEarly
        }
        if claim == nil {
            var trailers = HeaderFields()
            for (name, value) in answer.stream.trailers { trailers.append(name, value) }
            claim = DigestFields.claim(of: trailers)
        }
    }

    /// Where an answer's bytes go: behind what is here, or, if the server has something else by now, in its place.
    private func place(_ answer: WebAnswer) async throws -> PartFile {
        switch answer.status {
        case 200:
            let length = answer.fields.single("Content-Length").flatMap { Int64($0) }
            guard let part else { return try await begin(answer, length) }
            if done > 0, isOrigin, Self.validators(answer) != (part.record.entityTag, part.record.lastModified) {
                noteChange()
            }
            if !isOrigin, let total, length != total {
                throw WebTrouble.status(503, retryAfter: nil)
            }
            total = length
            try await startOver(part, isOrigin ? answer : nil)
            return part
        case 206:
            if isOrigin, let part, let tag = Self.validators(answer).0, let before = part.record.entityTag,
                tag != before
            {
                // It was asked for a part of what it had, and gives one of what it has (RFC 9110 §15.3.7.3).
                noteChange()
                total = nil
                try await startOver(part, answer)
                throw HTTPClientError.closedEarly
            }
            guard let part,
                case .range(let range, let length) = answer.fields.single("Content-Range")
                    .flatMap({ ContentRange(parsing: $0) }), range.lowerBound == done,
                total == nil || length == nil || length == total,
                part.record.length == nil || length == nil
                    || part.record.length == length
            else { throw WebTrouble.answer("the server sends another part than was asked for") }
            if let length { total = length }
            return part
        default:
            throw WebTrouble.status(answer.status, retryAfter: Self.retryAfter(answer))
        }
    }

    private func noteChange() {
        notice("\(name) has changed on the server, it is fetched anew")
        // What it said of the file before is not true of this one.
        claim = nil
    }

    private func begin(_ answer: WebAnswer, _ length: Int64?) async throws -> PartFile {
        let validators = Self.validators(answer)
        let record = DownloadRecord(
            address: asked.description, name: name, length: length, entityTag: validators.0,
            lastModified: validators.1)
        let downloads = downloads
        let part = try await pool.value { Result { try downloads.begin(record) } }.get()
        self.part = part
        total = length
        return part
    }

    func startOver(_ part: PartFile, _ answer: WebAnswer? = nil) async throws {
        if done > 0 { restarts += 1 }
        guard restarts <= Self.maximumRestarts else {
            throw WebTrouble.answer("the server breaks off again and again, and does not go on from there")
        }
        let length = total
        let validators = answer.map(Self.validators)
        try await pool.value {
            Result { () throws(StorageError) in
                try part.startOver { record in
                    record.length = length
                    if let validators { (record.entityTag, record.lastModified) = validators }
                }
            }
        }.get()
        done = 0
    }

    /// What an answer says of the whole file, and where else it is (RFC 6249 §4).
    func learn(_ answer: WebAnswer) {
        if isOrigin, let newer = DigestFields.claim(of: answer.fields) { claim = newer }
        guard isOrigin, sources.count == 1 else { return }
        let links = answer.fields.all("Link").flatMap { Link.list(parsing: $0) }.prefix(Link.maximumCount)
        let mirrors = links.filter { $0.relation == "duplicate" }.sorted {
            ($0.priority ?? 999_999) < ($1.priority ?? 999_999)
        }
        for mirror in mirrors.prefix(8) {
            guard let url = try? answer.url.resolving(mirror.target), url.scheme == .http, !sources.contains(url) else {
                continue
            }
            sources.append(url)
        }
    }

    // MARK: Reading answers

    /// The strong ones (RFC 9110 §8.8): only with these a part may be asked for.
    static func validators(_ answer: WebAnswer) -> (String?, String?) {
        let tag = answer.fields.single("ETag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        guard let text = answer.fields.single("Last-Modified") else { return (tag, nil) }
        let now = HTTPDate(secondsSinceEpoch: SystemClock.secondsNow)
        guard let modified = HTTPDate(parsing: text, now: now),
            let date = answer.fields.single("Date").flatMap({ HTTPDate(parsing: $0, now: now) }),
            // Else it might be written again within the same second.
            date.secondsSinceEpoch > modified.secondsSinceEpoch
        else { return (tag, nil) }
        return (tag, text)
    }

    static func retryAfter(_ answer: WebAnswer) -> Int64? {
        let now = HTTPDate(secondsSinceEpoch: SystemClock.secondsNow)
        return answer.fields.single("Retry-After").flatMap { RetryAfter(parsing: $0, now: now) }?
            .delay(now: now, limit: 86400)
    }

    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case let trouble as WebTrouble: trouble.isPassing
        case is StorageError, is CancellationError, is DownloadInUse, is WebDownloadFailure: false
        // A connection that broke, in one of its many ways.
        default: true
        }
    }

    /// Seconds.
    private static func wait(_ error: any Error, _ failures: Int) throws -> Int64 {
        guard case WebTrouble.status(_, let asked?) = error else { return min(1 << Int64(failures - 1), longestWait) }
        guard asked <= longestRetryAfter else {
            throw WebTrouble.answer("the server asks to come back in \(asked) seconds")
        }
        return max(asked, 1)
    }
}
