#if os(Linux)
    import Glibc

    /// Files of a run: the one that is sent, and what became of it.
    enum LabFile {
        private static let chunk = 1 << 20

        /// Writes a file of this many bytes that no two seeds have in common and no compression makes shorter.
        static func write(_ path: String, size: Int64, seed: UInt64) async throws {
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw failure("write", path) }
            defer { close(file) }
            var words = [UInt64](repeating: 0, count: chunk / 8)
            var (state, left) = (seed, size)
            while left > 0 {
                try Task.checkCancellation()
                await Task.yield()
                for index in words.indices {
                    // SplitMix64.
                    state &+= 0x9E37_79B9_7F4A_7C15
                    var word = state
                    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                    words[index] = word ^ (word >> 31)
                }
                let count = min(Int(left), chunk)
                try words.withUnsafeBytes { try writeAll(file, $0[..<count], path) }
                left -= Int64(count)
            }
        }

        /// Whether both files hold the same bytes.
        static func isSame(_ one: String, _ other: String) async throws -> Bool {
            let one = try opened(one)
            defer { close(one.descriptor) }
            let other = try opened(other)
            defer { close(other.descriptor) }
            var first = [UInt8](repeating: 0, count: chunk)
            var second = first
            while true {
                try Task.checkCancellation()
                await Task.yield()
                let count = try fill(&first, from: one)
                guard try fill(&second, from: other) == count, memcmp(first, second, count) == 0 else { return false }
                if count == 0 { return true }
            }
        }

        /// Up to so many bytes from its beginning.
        static func read(_ path: String, limit: Int) throws(LabFailure) -> [UInt8] {
            let file = try opened(path)
            defer { close(file.descriptor) }
            var bytes = [UInt8](repeating: 0, count: limit)
            let count = try fill(&bytes, from: file)
            return Array(bytes[..<count])
        }

        private typealias OpenFile = (path: String, descriptor: Int32)

        private static func opened(_ path: String) throws(LabFailure) -> OpenFile {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("read", path) }
            return (path, descriptor)
        }

        /// Bytes read: fewer than there is room for only at the end of the file.
        private static func fill(_ buffer: inout [UInt8], from file: OpenFile) throws(LabFailure) -> Int {
            var filled = 0
            while filled < buffer.count {
                let count = buffer.withUnsafeMutableBytes { bytes in
                    Glibc.read(file.descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
                }
                if count == 0 { break }
                if count > 0 { filled += count } else if errno != EINTR { throw failure("read", file.path) }
            }
            return filled
        }

        private static func writeAll(_ file: Int32, _ bytes: Slice<UnsafeRawBufferPointer>, _ path: String) throws {
            var rest = UnsafeRawBufferPointer(rebasing: bytes)
            while !rest.isEmpty {
                let count = Glibc.write(file, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno != EINTR {
                    throw failure("write", path)
                }
            }
        }

        private static func failure(_ verb: String, _ path: String) -> LabFailure {
            .file(verb: verb, path: path, reason: ErrorText.of(errno))
        }
    }
#endif
