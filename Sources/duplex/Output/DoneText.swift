import Host

/// What `get` says when everything is there.
enum DoneText {
    static func json(_ done: TransferDone, isFollowed: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("event", "done"), .init("path", .string(done.path)), .init("bytes", .integer(done.bytes)),
            .init("seconds", .number((done.seconds * 1000).rounded() / 1000)),
        ]
        if isFollowed {
            members.append(.init("version", .integer(done.version)))
            members.append(.init("downloaded", .integer(done.downloaded)))
            members.append(
                .init(
                    "kept",
                    .array(done.kept.map { ["path": .string($0.path), "keptAs": .string($0.keptAs)] })))
        }
        return .object(members)
    }

    static func lines(_ done: TransferDone, isFirst: Bool, terminal: Terminal) -> [String] {
        let size = ByteCount.size(done.bytes)
        let place = terminal.bold(VisibleText.escaped(done.path))
        var lines: [String] = []
        if !isFirst {
            lines.append("\(place): version \(done.version) is here, \(ByteCount.size(done.downloaded)) fetched")
        } else if done.downloaded == 0 || done.seconds == 0 {
            lines.append("\(place): \(size), already here, every byte verified")
        } else {
            let rate = ByteCount.rate(bytes: min(done.bytes, done.downloaded), seconds: done.seconds)
            let time = "\(DurationText.elapsed(done.seconds))\(rate.map { " (\($0))" } ?? "")"
            lines.append("\(place): \(size) in \(time), every byte verified")
        }
        for kept in done.kept {
            lines.append("  " + VisibleText.escaped(kept.text))
        }
        return lines
    }
}
