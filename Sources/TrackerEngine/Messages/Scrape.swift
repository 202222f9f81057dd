import Bencode
import Metainfo
import WebWire

/// What is asked of a tracker about swarms without joining them (BEP 48).
public struct ScrapeRequest: Sendable, Equatable {
    /// As many hashes as fit an address of common length.
    public static let maximumCount = 64

    public let hashes: [WireInfoHash]

    public init(hashes: [WireInfoHash]) {
        self.hashes = hashes
    }

    /// A scrape of everything is refused: it would tell of shares that only those with a link may know.
    public init(parsing query: QueryParameters) throws(TrackerRequestError) {
        let values = query.all("info_hash")
        guard !values.isEmpty else { throw .missingHashes }
        guard values.count <= Self.maximumCount else { throw .tooManyHashes }
        var hashes: [WireInfoHash] = []
        for value in values {
            guard let hash = WireInfoHash(value) else { throw .invalidInfoHash }
            hashes.append(hash)
        }
        self.hashes = hashes
    }

    /// The address to ask, made of the announce address; nil when such a tracker answers no scrapes.
    public func url(tracker: String) -> String? {
        TrackerURL.scrape(for: tracker).map { url in
            TrackerURL.adding(hashes.map { ("info_hash", PercentCoding.encoded(bytes: $0.bytes)) }, to: url)
        }
    }
}

/// What a tracker says of swarms (BEP 48, BEP 21).
public struct ScrapeResponse: Sendable, Equatable {
    public struct Swarm: Sendable, Equatable {
        public var seederCount: Int64
        public var leecherCount: Int64
        /// How often somebody completed it.
        public var completedCount: Int64
        /// How many of the leechers still fetch (BEP 21).
        public var downloaderCount: Int64?

        public init(
            seederCount: Int64, leecherCount: Int64, completedCount: Int64, downloaderCount: Int64? = nil
        ) {
            self.seederCount = seederCount
            self.leecherCount = leecherCount
            self.completedCount = completedCount
            self.downloaderCount = downloaderCount
        }
    }

    public var swarms: [WireInfoHash: Swarm]

    public init(swarms: [WireInfoHash: Swarm]) {
        self.swarms = swarms
    }

    public func encoded() -> [UInt8] {
        var files = BencodeDictionary()
        for (hash, swarm) in swarms {
            var fields = BencodeDictionary()
            fields.set("complete", .integer(swarm.seederCount))
            fields.set("incomplete", .integer(swarm.leecherCount))
            fields.set("downloaded", .integer(swarm.completedCount))
            if let count = swarm.downloaderCount { fields.set("downloaders", .integer(count)) }
            files.set(hash.bytes, .dictionary(fields))
        }
        var fields = BencodeDictionary()
        fields.set("files", .dictionary(files))
        return BencodeValue.dictionary(fields).encoded()
    }

    /// Reads an answer; what is no swarm in it is left out.
    public init(decoding bytes: [UInt8]) throws(TrackerFailure) {
        let fields = try TrackerFailure.fields(of: bytes)
        guard let files = fields["files"]?.dictionary else { throw .malformed }
        var swarms: [WireInfoHash: Swarm] = [:]
        for entry in files.entries {
            guard let hash = WireInfoHash(entry.key), let fields = entry.value.dictionary else { continue }
            let count = { (name: String) in fields[name]?.integer.map { max(0, $0) } }
            swarms[hash] = Swarm(
                seederCount: count("complete") ?? 0, leecherCount: count("incomplete") ?? 0,
                completedCount: count("downloaded") ?? 0, downloaderCount: count("downloaders"))
        }
        self.swarms = swarms
    }
}
