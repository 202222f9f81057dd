extension MagnetLink: CustomStringConvertible {
    /// The link as text: hashes first, then name, trackers, web seeds, peers, selection.
    public var description: String {
        var parameters: [String] = []
        if let v1 = hashes.v1 { parameters.append("xt=urn:btih:\(v1.hex)") }
        if let v2 = hashes.v2 { parameters.append("xt=urn:btmh:1220\(v2.hex)") }
        if let name { parameters.append("dn=" + PercentCoding.encoded(name)) }
        parameters += trackers.map { "tr=" + PercentCoding.encoded($0) }
        parameters += webSeeds.map { "ws=" + PercentCoding.encoded($0) }
        // libtorrent reads addresses without decoding them, so their own punctuation stays.
        parameters += peers.map { "x.pe=" + PercentCoding.encoded($0, keeping: ":[]") }
        if let selectedFiles {
            let ranges = selectedFiles.map { range in
                range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
            }
            parameters.append("so=" + ranges.joined(separator: ","))
        }
        return "magnet:?" + parameters.joined(separator: "&")
    }
}
