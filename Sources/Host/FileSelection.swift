import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a torrent that the user wants, chosen by patterns or by the numbers of a magnet link (BEP 53).
struct FileSelection: Sendable, Equatable {
    /// Nil for all.
    let files: Set<FileIndex>?

    init(files: Set<FileIndex>?) {
        self.files = files
    }

    /// - Parameters:
    ///   - patterns: shell patterns. One without `/` is tried on the last part of a path too, so that `*.pdf` finds the
    ///     PDFs in all folders; one that names a folder means everything in it.
    ///   - numbers: of files without padding, in their order, counted from 0.
    init(patterns: [String], numbers: [ClosedRange<Int>]?, in info: TorrentInfo) throws(TransferError) {
        let real = info.files.indices.filter { !info.files[$0].isPadding }
        if !patterns.isEmpty {
            let chosen = real.filter { Self.matches(info.files[$0].path, patterns) }
            guard !chosen.isEmpty else {
                throw TransferError(
                    "nothing to fetch, no file of \(info.name) matches \(Self.words(patterns)), "
                        + "see its files with `duplex ls` or `duplex inspect`")
            }
            files = Set(chosen.map { FileIndex($0) })
        } else if let numbers {
            let chosen = real.enumerated().filter { place in numbers.contains { $0.contains(place.offset) } }
            guard !chosen.isEmpty else {
                throw TransferError("nothing to fetch, the link selects files that \(info.name) does not have")
            }
            files = Set(chosen.map { FileIndex($0.element) })
        } else {
            files = nil
        }
    }

    func contains(_ file: FileIndex) -> Bool { files?.contains(file) ?? true }

    /// Without the slash that makes a path of a pattern.
    private static func words(_ patterns: [String]) -> String {
        patterns.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }.joined(separator: ", ")
    }

    private static func matches(_ path: [String], _ patterns: [String]) -> Bool {
        let whole = path.joined(separator: "/")
        return patterns.contains { pattern in
            // One that begins with `/` is a path from the top, and nothing else.
            let isWhole = pattern.hasPrefix("/")
            let rest = isWhole ? String(pattern.dropFirst()) : pattern
            let trimmed = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
            return fnmatch(trimmed, whole, 0) == 0 || fnmatch(trimmed + "/*", whole, 0) == 0
                || (!isWhole && !trimmed.contains("/") && path.last.map { fnmatch(trimmed, $0, 0) == 0 } ?? false)
        }
    }
}
