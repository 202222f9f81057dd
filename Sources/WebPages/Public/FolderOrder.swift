import Metainfo
import WebWire

/// What a folder page is asked for: `?sort=name|size|modified&order=asc|desc&page=2`.
public struct FolderOrder: Sendable, Equatable {
    public enum Key: String, Sendable, CaseIterable {
        case name, size, modified
    }

    /// The most entries on one page.
    public static let pageSize = 500

    public var key: Key
    public var isDescending: Bool
    /// From 1.
    public var page: Int

    public init(key: Key = .name, isDescending: Bool = false, page: Int = 1) {
        self.key = key
        self.isDescending = isDescending
        self.page = page
    }

    /// What is not understood has its usual value.
    public init(_ query: QueryParameters) {
        key = query.text("sort").flatMap { Key(rawValue: $0) } ?? .name
        isDescending = query.text("order") == "desc"
        page = query.text("page").flatMap { Int($0) }.map { min(max($0, 1), 1_000_000) } ?? 1
    }

    /// The entries of the page, and how many pages there are. Folders come first; names are compared as people expect,
    /// without case and with numbers by value.
    public func apply(to entries: [FolderEntry]) -> (entries: [FolderEntry], pageCount: Int) {
        let keyed = entries.map { (entry: $0, name: NaturalName($0.name)) }
        let sorted = keyed.sorted { left, right in
            if left.entry.isFolder != right.entry.isFolder { return left.entry.isFolder }
            let (first, second) = isDescending ? (right, left) : (left, right)
            switch key {
            case .size where first.entry.size != second.entry.size: return first.entry.size < second.entry.size
            case .modified where first.entry.modified != second.entry.modified:
                return first.entry.modified < second.entry.modified
            case .name: return first.name < second.name
            default: return left.name < right.name
            }
        }
        let pageCount = max(1, (sorted.count + Self.pageSize - 1) / Self.pageSize)
        let start = (min(page, pageCount) - 1) * Self.pageSize
        return (sorted[start..<min(start + Self.pageSize, sorted.count)].map(\.entry), pageCount)
    }

    var query: WebURL {
        let order = isDescending ? "desc" : "asc"
        return page == 1
            ? .query(["sort": key.rawValue, "order": order])
            : .query(["sort": key.rawValue, "order": order, "page": String(page)])
    }
}
