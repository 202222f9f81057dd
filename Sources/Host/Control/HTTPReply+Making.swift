import NIOCore
import Transport

extension HTTPReply {
    static func json(_ status: Int, _ value: some Encodable, headers: [(name: String, value: String)] = []) -> HTTPReply
    {
        bytes(status, JSON.encode(value) + [UInt8(ascii: "\n")], type: "application/json", headers: headers)
    }

    static func text(_ status: Int, _ text: String, headers: [(name: String, value: String)] = []) -> HTTPReply {
        bytes(status, Array("\(text)\n".utf8), type: "text/plain; charset=utf-8", headers: headers)
    }

    static func bytes(
        _ status: Int, _ bytes: [UInt8], type: String, headers: [(name: String, value: String)] = []
    ) -> HTTPReply {
        HTTPReply(status: status, headers: usual(type) + headers, body: .bytes(bytes))
    }

    static func buffer(
        _ status: Int, _ buffer: ByteBuffer, type: String, headers: [(name: String, value: String)] = []
    ) -> HTTPReply {
        HTTPReply(status: status, headers: usual(type) + headers, body: .buffer(buffer))
    }

    private static func usual(_ type: String) -> [(name: String, value: String)] {
        [("content-type", type), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
    }
}
