import Metainfo
import WebWire

/// What the public side may know of this host: a copy, so that a page never sees half a change.
public struct HostSnapshot: Sendable, Equatable {
    public var name: String
    /// The public shares.
    public var shares: [ShareSnapshot]
    public var otherHosts: [OtherHost]

    public init(name: String, shares: [ShareSnapshot], otherHosts: [OtherHost]) {
        self.name = name
        self.shares = shares
        self.otherHosts = otherHosts
    }
}

/// A share as its host shows it.
public struct ShareSnapshot: Sendable, Equatable {
    public var name: String
    /// A folder, or one file.
    public var isFolder: Bool
    public var fileCount: Int
    public var size: Int64
    public var modified: HTTPDate
    /// Whether anybody may put files into it.
    public var isInbox: Bool
    /// Nil while the share has no torrent.
    public var magnet: MagnetLink?

    public init(
        name: String, isFolder: Bool, fileCount: Int, size: Int64, modified: HTTPDate, isInbox: Bool = false,
        magnet: MagnetLink? = nil
    ) {
        self.name = name
        self.isFolder = isFolder
        self.fileCount = fileCount
        self.size = size
        self.modified = modified
        self.isInbox = isInbox
        self.magnet = magnet
    }
}

/// Another host on the network.
public struct OtherHost: Sendable, Equatable {
    public var name: String
    /// Its public page, if it has one.
    public var url: String?
    public var shareCount: Int?
    public var isDedicated: Bool

    public init(name: String, url: String?, shareCount: Int? = nil, isDedicated: Bool = false) {
        self.name = name
        self.url = url
        self.shareCount = shareCount
        self.isDedicated = isDedicated
    }
}

/// A folder of a share.
public struct FolderSnapshot: Sendable, Equatable {
    public var hostName: String
    public var share: ShareSnapshot
    /// From the share's own folder.
    public var path: [String]
    public var entries: [FolderEntry]
    /// How many files the visitor has just put into it; nil for none.
    public var added: Int?

    public init(hostName: String, share: ShareSnapshot, path: [String], entries: [FolderEntry]) {
        self.hostName = hostName
        self.share = share
        self.path = path
        self.entries = entries
    }
}

/// A file or folder within a folder.
public struct FolderEntry: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case folder(fileCount: Int)
        case file
    }

    public var name: String
    public var kind: Kind
    /// Of a folder, all that is in it.
    public var size: Int64
    public var modified: HTTPDate
    /// Selects the file in the swarm of its share; nil while there is none.
    public var magnet: MagnetLink?
    /// Whether there is a torrent of the file alone.
    public var hasTorrent: Bool
    /// It was uploaded a moment ago, and cannot be downloaded yet.
    public var isArriving: Bool

    public init(
        name: String, kind: Kind, size: Int64, modified: HTTPDate, magnet: MagnetLink? = nil, hasTorrent: Bool = false,
        isArriving: Bool = false
    ) {
        self.isArriving = isArriving
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.magnet = magnet
        self.hasTorrent = hasTorrent
    }

    public var isFolder: Bool { kind != .file }
}

/// One file of a share, for its preview page.
public struct FileSnapshot: Sendable, Equatable {
    public var hostName: String
    public var share: ShareSnapshot
    /// From the share's own folder; empty when the share is the file.
    public var path: [String]
    public var size: Int64
    public var modified: HTTPDate
    public var sha256: [UInt8]?
    /// Selects the file in the swarm of its share; nil while there is none.
    public var magnet: MagnetLink?
    /// Whether there is a torrent of the file alone.
    public var hasTorrent: Bool
    /// The beginning of a text file; nil for other files.
    public var text: String?
    /// Whether there is more text than ``text``.
    public var isTextCut: Bool
    /// The files before and after this one, in the folder's order.
    public var previous: String?
    public var next: String?

    public init(
        hostName: String, share: ShareSnapshot, path: [String], size: Int64, modified: HTTPDate,
        sha256: [UInt8]? = nil, magnet: MagnetLink? = nil, hasTorrent: Bool = false, text: String? = nil,
        isTextCut: Bool = false, previous: String? = nil, next: String? = nil
    ) {
        self.hostName = hostName
        self.share = share
        self.path = path
        self.size = size
        self.modified = modified
        self.sha256 = sha256
        self.magnet = magnet
        self.hasTorrent = hasTorrent
        self.text = text
        self.isTextCut = isTextCut
        self.previous = previous
        self.next = next
    }

    /// What it is called.
    public var name: String { path.last ?? share.name }
}
