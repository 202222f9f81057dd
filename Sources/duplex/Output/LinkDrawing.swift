import Metainfo

/// The QR code of a link, if the terminal has room for one.
enum LinkDrawing {
    /// Empty without a terminal, or if no code fits.
    ///
    /// A code taller than the window cannot be scanned, and a link with both hashes and many addresses makes a large
    /// one. So where the whole link does not fit, shorter ones that lead to the same files are tried.
    static func lines(for link: MagnetLink, terminal: Terminal) -> [String] {
        guard terminal.isInteractive else { return [] }
        let size = terminal.size
        let codes = variants(of: link).compactMap { QRCode($0.description) }
        // What the specification asks for around the symbol, and what scanners are content with.
        for quietZone in [4, 2] {
            for code in codes
            where code.columns(quietZone: quietZone) < size.columns && code.rows(quietZone: quietZone) < size.rows {
                return code.terminalLines(quietZone: quietZone, colored: terminal.usesColor)
            }
        }
        return []
    }

    /// The link, then without its name and all addresses but the first two, then with one hash and one address.
    private static func variants(of link: MagnetLink) -> [MagnetLink] {
        var short = link
        short.name = nil
        short.peers = Array(link.peers.prefix(2))
        var shortest = short
        shortest.peers = Array(link.peers.prefix(1))
        if let v2 = link.hashes.v2, let hashes = InfoHashes(v1: nil, v2: v2) { shortest.hashes = hashes }
        return [link, short, shortest]
    }
}
