import NIOCore
import NIOPosix
import Storage
import Transport

/// The way to use a host: one that runs in another process, by its control socket, or one in this process. The same
/// routes either way.
public struct HostControl: Sendable {
    private enum Way: Sendable {
        case socket(path: String)
        case inProcess(ControlAPI)
    }

    private let way: Way

    private init(_ way: Way) {
        self.way = way
    }

    /// A host in this process.
    public init(_ service: HostService) {
        self.init(.inProcess(ControlAPI(service)))
    }

    /// The host that runs with this state; nil if none does.
    public static func running(with state: StateDirectory) async -> HostControl? {
        guard FileTime.exists(state.controlSocket) else { return nil }
        let control = HostControl(.socket(path: state.controlSocket))
        let answer = try? await control.send("GET", "/settings", timeout: .seconds(5))
        return answer == nil ? nil : control
    }

    // MARK: Asking

    public func get<Value: Decodable>(_ type: Value.Type, _ target: String) async throws -> Value {
        try JSON.decode(type, from: try await send("GET", target).body)
    }

    @discardableResult
    public func post<Value: Decodable>(
        _ type: Value.Type, _ target: String, _ body: some Encodable
    ) async throws -> Value {
        try JSON.decode(type, from: try await send("POST", target, body: JSON.encode(body)).body)
    }

    public func post(_ target: String, _ body: some Encodable) async throws {
        _ = try await send("POST", target, body: JSON.encode(body))
    }

    public func post(_ target: String) async throws {
        _ = try await send("POST", target)
    }

    public func delete(_ target: String) async throws {
        _ = try await send("DELETE", target)
    }

    /// Tells a host of a download that is not its own. Nothing depends on whether it hears.
    public func tell(_ report: DownloadReport) async {
        _ = try? await send("POST", "/downloads", body: JSON.encode(report), timeout: .seconds(2))
    }

    private func send(
        _ method: String, _ target: String, body: [UInt8] = [], timeout: TimeAmount = .minutes(10)
    ) async throws -> (status: Int, body: [UInt8]) {
        let (status, bytes): (Int, [UInt8])
        switch way {
        case .socket(let path):
            let answer = try await HTTPClient(.socket(path: path))
                .send(method, target, body: body, limit: 256 << 20, timeout: timeout)
            (status, bytes) = (answer.status, Array(answer.body.readableBytesView))
        case .inProcess(let api):
            let reply = await api.answer(HTTPRequest(method: method, target: target, body: ByteBuffer(bytes: body)))
            guard case .bytes(let content) = reply.body else { return (reply.status, []) }
            (status, bytes) = (reply.status, content)
        }
        guard (200..<300).contains(status) else {
            throw ControlError(status: status, body: bytes)
        }
        return (status, bytes)
    }

    // MARK: Events

    /// What happens in the host from now on. Ends when the host does.
    public func events() async throws -> AsyncStream<HostEvent> {
        switch way {
        case .inProcess(let api):
            return api.service.hub.listen()
        case .socket(let path):
            let parts = try await HTTPClient(.socket(path: path)).stream("GET", "/events")
            let (stream, continuation) = AsyncStream.makeStream(of: HostEvent.self)
            let reading = Task {
                var parser = EventParser()
                for await part in parts {
                    for event in parser.take(part.readableBytesView) { continuation.yield(event) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in reading.cancel() }
            return stream
        }
    }
}

/// What a host answered to something that it could not do, in its own words.
public struct ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    public let status: Int
    public let description: String

    init(status: Int, body: [UInt8]) {
        self.status = status
        description =
            (try? JSON.decode(ErrorModel.self, from: body))?.error ?? "the host answered with the status \(status)"
    }
}

/// Puts events together out of the lines of a stream.
struct EventParser {
    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []
    private static let maximumLength = 64 << 20

    mutating func take(_ bytes: some Sequence<UInt8>) -> [HostEvent] {
        var events: [HostEvent] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.maximumLength { line.append(byte) }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> HostEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                name = ""
                data = []
            }
            return EventText.decode(name: name, data: data)
        }
        if line.starts(with: "event: ".utf8) { name = String(decoding: line.dropFirst(7), as: UTF8.self) }
        if line.starts(with: "data: ".utf8), data.count + line.count <= Self.maximumLength {
            data += line.dropFirst(6)
        }
        return nil
    }
}
