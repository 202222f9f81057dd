import Metainfo
import Storage

/// What is in a shared folder and not offered.
extension ShareKeeper.Live {
    /// So many are named in a remark.
    private static let maximumNamed = 5

    /// Takes what the last look at the folder has left out. What may not be read comes first: its owner did not choose that.
    mutating func take(_ entries: [OmittedEntry]) {
        let refused = entries.filter { $0.reason == .notPermitted }
        let ordered = refused.isEmpty ? entries : refused + entries.filter { $0.reason != .notPermitted }
        omitted = ordered.prefix(OmissionModel.maximumCount).map {
            OmissionModel(path: $0.path, reason: $0.reason.description)
        }
        remark = Self.remark(refused)
    }

    /// Why nothing of it is offered. What is empty was not meant to be shared, unless it was offered before: then its files
    /// are away, or the disk that they are on, or nobody may read them for now.
    func trouble(_ error: any Error) -> (ShareModel.State, String) {
        let path = entry.path
        guard FileTime.exists(path) else {
            return (.missing, "\(path) is not there; it is offered again when it returns")
        }
        guard version != nil, let cause = error as? CreationError, cause.isOfNothing || cause.isRefusal else {
            return (.failed, "\(error)")
        }
        if cause.isRefusal {
            return (.missing, "\(path) may not be read now (permission denied); it is offered again when it may")
        }
        if case .nothingReadable(_, let entries) = cause {
            return (
                .missing,
                "what is in \(path) may not be read now (permission denied): \(entries); it is offered again when it may"
            )
        }
        return (.missing, "there are no files in \(path) now; it is offered again when there are")
    }

    private static func remark(_ refused: [OmittedEntry]) -> String? {
        guard !refused.isEmpty else { return nil }
        let named = refused.prefix(maximumNamed).map(\.path).joined(separator: ", ")
        let more = refused.count > maximumNamed ? " and \(refused.count - maximumNamed) more" : ""
        return "left out \(ByteCount.counted(refused.count, "entry", "entries")) that "
            + "\(OmittedEntry.Reason.notPermitted): \(named)\(more)"
    }
}
