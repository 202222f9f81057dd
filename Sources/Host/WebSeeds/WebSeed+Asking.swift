import Metainfo
import NIOCore
import PeerWire
import SwarmEngine
import Transport
import WebWire

/// From what is asked for to requests, and from answers to blocks.
extension WebSeed {
    /// A server without ranges is read from the beginning; so much may be read for nothing in all.
    private static let maximumDiscarded: Int64 = 64 << 20
    /// After so many files that are not there, and none that is, no more are asked for.
    private static let fruitlessFiles = 8

    /// Does what can be done now.
    func advance() {
        while key != nil {
            if run?.next == nil {
                guard !waiting.isEmpty else {
                    run = nil
                    return updateReading()
                }
                run = SeedRun(SeedPlan(taking: &waiting, of: info.layout))
            }
            switch run?.next {
            case .zeros(let length):
                take(ByteBuffer(repeating: 0, count: min(length, PieceLayout.blockLength)))
            case .bytes(let file, let range):
                guard consume(file, range) else { return ask(file, range) }
            case nil:
                run = nil
            }
        }
    }

    private func take(_ bytes: ByteBuffer) {
        progressed(bytes.readableBytes)
        run?.take(bytes) { block, data in
            failures = 0
            hasGiven = true
            inputs.append(.block(block, slot: blocks.count))
            blocks.append(data)
        }
    }

    /// Takes what has come of a range.
    ///
    /// - Returns: whether anything has.
    private func consume(_ file: FileIndex, _ range: Range<Int64>) -> Bool {
        guard case .answering(var answer) = state, answer.file == file, answer.position <= range.lowerBound else {
            return false
        }
        // So that the bytes have one owner.
        state = .idle
        defer { state = .answering(answer) }
        let gap = Int(clamping: min(range.lowerBound - answer.position, Int64(answer.unread.readableBytes)))
        if gap > 0 {
            answer.unread.moveReaderIndex(forwardBy: gap)
            answer.position += Int64(gap)
            discarded += Int64(gap)
            progressed(gap)
        }
        let count = min(range.count, answer.unread.readableBytes)
        guard answer.position == range.lowerBound, count > 0, let bytes = answer.unread.readSlice(length: count) else {
            return false
        }
        answer.position += Int64(count)
        take(bytes)
        return true
    }

    private func ask(_ file: FileIndex, _ range: Range<Int64>) {
        switch state {
        case .connecting, .asked: return
        case .answering(let answer):
            if discarded > Self.maximumDiscarded {
                return giveUp("the server cannot give parts of files")
            }
            if answer.file == file, answer.position <= range.lowerBound, !answer.isRead, link?.isBusy ?? false {
                return updateReading()
            }
            // Only its end is missing.
            if answer.isRead, link?.isBusy ?? false { return }
            if link?.isBusy ?? false { disconnect() }
            state = .idle
        case .idle: break
        }
        guard let target = moved[file] ?? url.url(of: file) else { return lose(file, "the torrent has no such file") }
        if let link, let server, link.isReusable, !link.isBusy, server.host == target.host, server.port == target.port {
            return send(file, range, target, on: link)
        }
        disconnect()
        let link = HTTPSourceLink(delegate: self, patience: Self.patience)
        (self.link, server, state, isUsed) = (link, target, .connecting, false)
        link.connect(host: target.host, port: target.port, on: eventLoop)
    }

    private func send(_ file: FileIndex, _ range: Range<Int64>, _ target: HTTPURL, on link: HTTPSourceLink) {
        // As other programs do: what answers within this network may take a query for an order.
        if target.query != nil, link.remote.map(OriginKind.isHere) ?? true {
            return lose(file, "it is within this network, and its address has a query")
        }
        state = .asked(file, range)
        link.get(
            target.target, authority: target.authority,
            headers: [
                ("User-Agent", WebClient.userAgent), ("Accept", "*/*"), ("Accept-Encoding", "identity"),
                ("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"),
            ])
    }

    /// The server does not have a file: what needs it is asked of others.
    func lose(_ file: FileIndex, _ why: String) {
        disconnect()
        lost.insert(file)
        // Where this one led says nothing about the others.
        redirects = 0
        let isAll = info.files.indices.allSatisfy { index in
            info.layout.pieces(of: FileIndex(index)).isEmpty || lost.contains(FileIndex(index))
        }
        let seemsAll = !hasGiven && lost.count >= Self.fruitlessFiles
        guard !isAll, !seemsAll else {
            tell("\(why), it is asked again later")
            return leave(for: Self.longAbsence)
        }
        tell("\(url.url(of: file)?.path ?? "?"): \(why), others are asked for it")
        let pieces = info.layout.pieces(of: file)
        let open = (run?.rest ?? []) + waiting
        run = nil
        waiting = open.filter { !pieces.contains($0.piece.rawValue) }
        for block in open where pieces.contains(block.piece.rawValue) { inputs.append(.message(.reject(block))) }
        for piece in pieces { inputs.append(.message(.extended(.dontHave(PieceIndex(piece))))) }
        schedule()
    }
}

extension WebSeed: HTTPSourceDelegate {
    func opened(_ link: HTTPSourceLink) {
        guard link === self.link else { return }
        do {
            if let remote = link.remote { try origin.check(remote) }
        } catch {
            return lose(file(of: run?.next), "\(error)")
        }
        state = .idle
        if address.isUnspecified, moved.isEmpty, let remote = link.remote {
            // The engine learns who it is: if it is a peer as well, it is spared.
            address = remote
            (waiting, run) = ([], nil)
            deliver()
            driver?.webSeeds?.leave(self)
            driver?.webSeeds?.join(self)
            return
        }
        goOn()
    }

    func answered(_ link: HTTPSourceLink, status: Int, fields: [(name: String, value: String)]) {
        guard link === self.link, case .asked(let file, let range) = state else { return }
        var all = HeaderFields()
        for (name, value) in fields { all.append(name, value) }
        let now = HTTPDate(secondsSinceEpoch: SystemClock.secondsNow)
        let length = info.files[file.rawValue].length
        let answer = SeedAnswer(status: status, fields: all, range: range, length: length, now: now)
        switch answer {
        case .bytes(let begin, let end):
            redirects = 0
            isUsed = true
            state = .answering(Answer(file: file, position: begin, end: end))
            updateReading()
        case .redirect(let location): redirect(file, location)
        case .missing(let why):
            // An address that it was led to before may have run out.
            guard moved.removeValue(forKey: file) != nil, redirects == 0 else { return lose(file, why) }
            disconnect()
            schedule()
        case .busy(let why, let wait): fail(why, wait: wait)
        }
    }

    private func redirect(_ file: FileIndex, _ location: String) {
        let from = moved[file] ?? url.url(of: file)
        disconnect()
        redirects += 1
        guard redirects <= WebClient.maximumRedirects else { return lose(file, "the server leads on without an end") }
        guard let target = try? from?.resolving(location), target.scheme == .http else {
            return lose(file, "the server leads to \(location.prefix(200)), which is no http:// address")
        }
        moved[file] = target
        schedule()
    }

    func received(_ link: HTTPSourceLink, _ bytes: ByteBuffer) {
        guard link === self.link, case .answering(var answer) = state else { return }
        state = .idle
        if answer.unread.readableBytes == 0 {
            answer.unread = bytes
        } else {
            answer.unread.writeImmutableBuffer(bytes)
        }
        state = .answering(answer)
        let end = answer.end ?? info.files[answer.file.rawValue].length
        guard answer.begun <= end else { return lose(answer.file, "the server sends more than there is") }
        advance()
    }

    func caughtUp(_ link: HTTPSourceLink) {
        if link === self.link { deliver() }
    }

    func finished(_ link: HTTPSourceLink, trailers: [(name: String, value: String)]) {
        guard link === self.link else { return }
        if case .answering(var answer) = state {
            let length = info.files[answer.file.rawValue].length
            if let end = answer.end, answer.begun < end { return fail("the server breaks off") }
            if answer.end == nil, answer.begun < length { return lose(answer.file, "the file is shorter there") }
            answer.end = answer.begun
            state = answer.isRead ? .idle : .answering(answer)
        }
        schedule()
    }

    func closed(_ link: HTTPSourceLink, error: (any Error)?) {
        guard link === self.link else { return }
        let (wasState, wasUsed) = (state, isUsed)
        disconnect()
        switch wasState {
        case .idle: break
        // A connection that was kept and that the server has just closed says nothing about it.
        case .asked where wasUsed: break
        case .answering(let answer) where answer.isRead || (run == nil && waiting.isEmpty): break
        default: return fail(ConnectionTrouble.text(error ?? HTTPClientError.closedEarly))
        }
        if run != nil || !waiting.isEmpty { schedule() }
    }

    private func file(of part: SeedPlan.Part?) -> FileIndex {
        if case .bytes(let file, _)? = part { file } else { FileIndex(0) }
    }
}
