import CZlib

/// The content coding `gzip` (RFC 1952, RFC 9110 §8.4.1.3), by the system's zlib.
enum Gzip {
    /// What is shorter would hardly become shorter.
    static let usefulLength = 1024

    /// The same bytes give the same result: no time and no name are in it. Nil if they do not become shorter.
    static func encode(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
        guard bytes.count >= usefulLength, bytes.count < 1 << 30 else { return nil }
        var stream = z_stream()
        // 16 beyond the window's size asks for gzip's own head and end.
        let isReady = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        // No room for as many bytes as there were: then it is of no use.
        let output = [UInt8](unsafeUninitializedCapacity: bytes.count - 1) { room, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = room.baseAddress
                stream.avail_out = UInt32(room.count)
                count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
            }
        }
        return output.isEmpty ? nil : output
    }
}
