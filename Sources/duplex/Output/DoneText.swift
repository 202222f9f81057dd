import Host
import Metainfo

/// What `get` says when everything is there.
enum DoneText {
    static func json(_ done: TransferDone, isFollowed: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("event", "done"), .init("path", .string(done.path)), .init("bytes", .integer(done.bytes)),
            .init("seconds", .number((done.seconds * 1000).rounded() / 1000)),
        ]
        if done.copied > 0 { members.append(.init("copied", .integer(done.copied))) }
        if isFollowed || !done.kept.isEmpty || !done.removed.isEmpty || done.missing > 0 {
            members.append(.init("version", .integer(done.version)))
            members.append(.init("downloaded", .integer(done.downloaded)))
            members.append(.init("missing", .integer(done.missing)))
            members.append(
                .init(
                    "kept",
                    .array(done.kept.map { ["path": .string($0.path), "keptAs": .string($0.keptAs)] })))
            members.append(.init("removed", .array(done.removed.map(JSONValue.string))))
            members.append(.init("removedCount", JSONValue(done.removedCount)))
        }
        return .object(members)
    }

    static func lines(_ done: TransferDone, isFirst: Bool, terminal: Terminal) -> [String] {
        let size = ByteCount.size(done.bytes)
        let place = terminal.bold(VisibleText.escaped(done.path))
        var lines: [String] = []
        if !isFirst {
            let what = done.version > 0 ? "version \(done.version) is here" : "all \(size) are here"
            lines.append("\(place): \(what), \(ByteCount.size(done.downloaded)) fetched")
        } else if done.missing > 0 {
            lines.append(
                "\(place): \(size), already here but for \(ByteCount.size(done.missing)) that were changed or deleted here "
                    + "since; that stays so until the next version")
        } else if done.copied > 0 {
            let fetched = done.downloaded > 0 ? ", \(ByteCount.size(done.downloaded)) fetched" : ""
            lines.append(
                "\(place): \(size) in \(DurationText.elapsed(done.seconds)), \(ByteCount.size(done.copied)) copied from "
                    + "another folder here\(fetched), every byte verified")
        } else if done.downloaded == 0 || done.seconds == 0 {
            lines.append("\(place): \(size), already here, unchanged since it was verified")
        } else {
            // Of what was here before, no rate would make sense.
            let isAll = done.downloaded >= done.bytes
            let rate = isAll ? ByteCount.rate(bytes: done.bytes, seconds: done.seconds) : nil
            let time = "\(DurationText.elapsed(done.seconds))\(rate.map { " (\($0))" } ?? "")"
            let fetched = isAll ? "" : ", \(ByteCount.size(done.downloaded)) fetched"
            lines.append("\(place): \(size) in \(time)\(fetched), every byte verified")
        }
        if !done.removed.isEmpty { lines.append("  " + removed(done)) }
        for kept in done.kept {
            lines.append("  " + VisibleText.escaped(kept.text))
        }
        return lines
    }

    private static let shownNames = 5

    private static func removed(_ done: TransferDone) -> String {
        let names = done.removed.prefix(shownNames).map(VisibleText.escaped).joined(separator: ", ")
        let more = done.removedCount - min(done.removed.count, shownNames)
        let files = ByteCount.counted(done.removedCount, "file")
        return "\(files) removed that the share has no more: \(names)" + (more > 0 ? " and \(more) more" : "")
    }
}
