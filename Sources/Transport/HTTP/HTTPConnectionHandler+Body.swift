import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sends a body part by part: each goes out before the next is asked for, so a client that reads slowly costs no memory.
struct HTTPBodySender: Sendable {
    let channel: any Channel
    let stallTime: TimeAmount
    /// Whether the channel takes files (`sendfile`); a stream of HTTP/2 does not, whose bytes go into frames.
    let sendsFiles: Bool

    /// Of a file that is read: the first part, and the most. A client that takes nothing costs the first alone.
    private static let partLengths: (first: Int64, most: Int64) = (16 << 10, 64 << 10)

    /// True when all of it has been sent.
    func send(_ source: any HTTPBodySource) async -> Bool {
        do {
            while let part = try await source.next() {
                switch part {
                case .bytes(let bytes):
                    try await write(.byteBuffer(ByteBuffer(bytes: bytes)))
                case .file(let file, let range):
                    try await sendsFiles ? send(file, range) : read(file, range)
                }
            }
            return true
        } catch {
            return false
        }
    }

    /// Each part is read when the last one has left: flow control holds up the disk too.
    private func read(_ file: HTTPFile, _ range: Range<Int64>) async throws {
        var position = range.lowerBound
        var length = Self.partLengths.first
        while position < range.upperBound {
            let end = min(range.upperBound, position + length)
            try await write(.byteBuffer(ByteBuffer(bytes: try await file.read(position..<end))))
            position = end
            length = min(length * 2, Self.partLengths.most)
        }
    }

    private func send(_ file: HTTPFile, _ range: Range<Int64>) async throws {
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(range.upperBound, position + HTTPFile.stepLength)
            guard file.isUnchanged else { throw ChangedFileError() }
            let region = FileRegion(fileHandle: file.handle, readerIndex: Int(position), endIndex: Int(end))
            // A file that was cut while it is sent has nothing to give, and the system would be asked for it forever.
            let watch = channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
                [channel] _ in if !file.isUnchanged { Self.abort(channel) }
            }
            defer { watch.cancel() }
            try await write(.fileRegion(region))
            guard file.isUnchanged else { throw ChangedFileError() }
            position = end
        }
    }

    private func write(_ data: IOData) async throws {
        let slow = channel.eventLoop.scheduleTask(in: stallTime) { [channel] in Self.abort(channel) }
        defer { slow.cancel() }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(data))
    }

    /// Ends a connection so that what is still in its queue does not arrive: it may be wrong.
    static func abort(_ channel: any Channel) {
        guard let socket = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
}
