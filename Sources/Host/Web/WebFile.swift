import Crypto
import Metainfo
import Storage
import WebWire

/// One file of a public share.
struct WebFile: Sendable {
    let share: WebShare
    /// Below the share's own folder; empty when the share is the file.
    let path: [String]
    let index: Int
    /// Among the torrent's files without padding.
    let number: Int
    /// What it was like when it was hashed.
    let stamp: FileStamp
    /// What it is called.
    let name: String

    var length: Int64 { stamp.size }
    var modified: HTTPDate { HTTPDate(secondsSinceEpoch: stamp.modified / 1_000_000_000) }

    /// The same on every host that has the same bytes, where the torrent has a hash of the file alone.
    var entityTag: EntityTag? {
        if let root = share.info.files[index].piecesRoot { return EntityTag(content: root) }
        var hash = SHA256()
        hash.update(data: Array((share.info.hashes.v1?.hex ?? share.info.hashes.v2?.hex ?? "").utf8))
        for component in path { hash.update(data: Array("/\(component)".utf8)) }
        return EntityTag(opaque: Hexadecimal.encode(Array(hash.finalize())))
    }

    var key: FileKey { FileKey(place: [share.offer.directory, share.offer.rootName] + path, stamp: stamp) }

    /// Blocks.
    func open() throws -> SharedFile {
        try SharedFile(
            directory: share.offer.directory, components: [share.offer.rootName] + path, stamp: stamp)
    }
}

/// Tells a state of a file from every other.
struct FileKey: Hashable, Sendable {
    let place: [String]
    let stamp: FileStamp
}
