import Metainfo

/// A Metalink document (RFC 5854): what files are, and where they can be had.
public struct Metalink: Sendable, Equatable {
    /// One file.
    public struct File: Sendable, Equatable {
        /// A relative path with slashes.
        public var name: String
        public var size: Int64
        /// The SHA-256 over the whole file, 32 bytes.
        public var sha256: [UInt8]?
        public var pieces: Pieces?
        /// Addresses of the file, the best first.
        public var urls: [String]
        /// Addresses of torrents that hold it.
        public var torrents: [String]

        public init(
            name: String, size: Int64, sha256: [UInt8]? = nil, pieces: Pieces? = nil, urls: [String],
            torrents: [String] = []
        ) {
            self.name = name
            self.size = size
            self.sha256 = sha256
            self.pieces = pieces
            self.urls = urls
            self.torrents = torrents
        }
    }

    /// Hashes of equal stretches of a file, the last of which may be shorter; so a wrong part is noticed, and fetched
    /// anew, before the whole file is there.
    public struct Pieces: Sendable, Equatable {
        public enum Algorithm: String, Sendable {
            case sha1 = "sha-1"
            case sha256 = "sha-256"
        }

        public var length: Int
        public var algorithm: Algorithm
        public var hashes: [[UInt8]]

        public init(length: Int, algorithm: Algorithm, hashes: [[UInt8]]) {
            self.length = length
            self.algorithm = algorithm
            self.hashes = hashes
        }
    }

    public var files: [File]
    /// Where the document itself can be had.
    public var origin: String?

    public init(files: [File], origin: String? = nil) {
        self.files = files
        self.origin = origin
    }

    /// The document. Files without an address and with names that RFC 5854 §4.2.8.3 forbids are left out, as are all but
    /// the first of one name.
    public var xml: String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n"
        text += "  <generator>Duplex</generator>\n"
        if let origin { text += "  <origin dynamic=\"true\">\(Self.escaped(origin))</origin>\n" }
        var names: Set<String> = []
        for file in files where file.canBeListed && names.insert(file.name).inserted { text += file.xml }
        return text + "</metalink>\n"
    }

    /// Text or an attribute's value. Characters that XML 1.0 cannot hold at all become U+FFFD.
    static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: output.append(contentsOf: "&amp;".unicodeScalars)
            case 0x3C: output.append(contentsOf: "&lt;".unicodeScalars)
            case 0x3E: output.append(contentsOf: "&gt;".unicodeScalars)
            case 0x22: output.append(contentsOf: "&quot;".unicodeScalars)
            case 0x09, 0x0A, 0x0D: output.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            case 0..<0x20, 0xFFFE, 0xFFFF: output.append("\u{FFFD}")
            default: output.append(scalar)
            }
        }
        return String(output)
    }
}

extension Metalink.File {
    fileprivate var canBeListed: Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !(urls.isEmpty && torrents.isEmpty) && size >= 0
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    fileprivate var xml: String {
        var text = "  <file name=\"\(Metalink.escaped(name))\">\n    <size>\(size)</size>\n"
        if let sha256 { text += "    <hash type=\"sha-256\">\(Hexadecimal.encode(sha256))</hash>\n" }
        if let pieces, pieces.length > 0, !pieces.hashes.isEmpty {
            text += "    <pieces length=\"\(pieces.length)\" type=\"\(pieces.algorithm.rawValue)\">\n"
            for hash in pieces.hashes { text += "      <hash>\(Hexadecimal.encode(hash))</hash>\n" }
            text += "    </pieces>\n"
        }
        for (index, url) in torrents.enumerated() {
            let priority = min(index + 1, 999_999)
            text += "    <metaurl mediatype=\"torrent\" priority=\"\(priority)\">\(Metalink.escaped(url))</metaurl>\n"
        }
        for (index, url) in urls.enumerated() {
            text += "    <url priority=\"\(min(index + 1, 999_999))\">\(Metalink.escaped(url))</url>\n"
        }
        return text + "  </file>\n"
    }
}
