import Metainfo

/// A torrent file: what is accepted must answer every question about its layout, and be written and read again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMetainfo(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let info = try? TorrentInfo(encoded: bytes) {
        precondition(info.encoded == bytes)
        precondition(info.hashes.match(infoBytes: bytes))
        ask(info)
    }
    guard let torrent = try? Torrent(decoding: bytes) else { return 0 }
    ask(torrent.info)
    guard let again = try? Torrent(decoding: torrent.encoded()) else {
        preconditionFailure("what was written is not read again")
    }
    precondition(again.info.hashes == torrent.info.hashes && again.pieceLayers == torrent.pieceLayers)
    let magnet = torrent.magnet(peers: [])
    precondition((try? MagnetLink(parsing: magnet.description))?.hashes == magnet.hashes)
    _ = torrent.pieceLayers.isComplete(for: torrent.info)
    for piece in samples(torrent.info.layout.pieceCount) {
        _ = torrent.pieceLayers.pieceHash(PieceIndex(piece), in: torrent.info)
    }
    return 0
}

private func ask(_ info: TorrentInfo) {
    let layout = info.layout
    for number in samples(layout.pieceCount) {
        let piece = PieceIndex(number)
        let size = layout.pieceSize(piece)
        let dataSize = layout.dataSize(piece)
        precondition(dataSize <= size && size <= layout.pieceLength && layout.servableSize(piece) <= layout.pieceLength)
        let blocks = layout.blockCount(piece)
        let total = (0..<blocks).reduce(0) { $0 + layout.blockSize(piece, block: $1) }
        precondition(total == dataSize, "the blocks are not the piece")
        let segments = layout.segments(piece, offset: 0, length: size)
        precondition(segments.reduce(0) { $0 + $1.length } == size, "the segments are not the piece")
        for case let (file?, end) in segments.map({ ($0.file, $0.offset + Int64($0.length)) }) {
            precondition(info.files.indices.contains(file.rawValue) && end <= info.files[file.rawValue].length)
        }
        _ = layout.file(of: piece)
        _ = info.pieceHashV1(piece)
    }
    var paths: Set<[String]> = []
    for number in info.files.indices.prefix(1000) where !info.files[number].isPadding {
        let path = info.relativePath(of: FileIndex(number))
        precondition(!path.isEmpty && path.allSatisfy(isSafe), "unsafe path \(path)")
        precondition(paths.insert(path).inserted, "two files are \(path)")
        let pieces = layout.pieces(of: FileIndex(number))
        precondition(pieces.lowerBound >= 0 && pieces.upperBound <= layout.pieceCount)
    }
    // Beyond the end, as a peer may ask.
    for number in [-1, layout.pieceCount, Int(UInt32.max)] {
        let piece = PieceIndex(number)
        _ = (layout.pieceSize(piece), layout.dataSize(piece), layout.blockCount(piece), layout.servableSize(piece))
        _ = (layout.file(of: piece), layout.segments(piece, offset: 0, length: 16384), info.pieceHashV1(piece))
    }
}

private func isSafe(_ component: String) -> Bool {
    !component.isEmpty && component != "." && component != ".."
        && !component.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
}

/// The first and the last few: torrents may have millions.
private func samples(_ count: Int) -> [Int] {
    count <= 16 ? Array(0..<max(0, count)) : Array(0..<8) + Array(count - 8..<count)
}
