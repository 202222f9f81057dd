import Metainfo

/// Which names an inbox takes.
public enum InboxName {
    /// Folders inside folders, the file's name included.
    public static let maximumDepth = 32

    /// Why a file of this path would not be shared; nil if it would. The components must be safe names.
    public static func refusal(of components: [String]) -> OmittedEntry.Reason? {
        for name in components {
            if let reason = OmissionRule.reason(forName: name) { return reason }
            if !PathSafety.isSafe(name) { return .unusableName }
        }
        return components.isEmpty ? .unusableName : nil
    }
}
