/// Reads `multipart/form-data` (RFC 7578, RFC 2046 §5.1) as it comes in, however it is cut, in bounded memory.
///
/// What a part holds is passed on at once; only what might be the beginning of a boundary is kept back.
public struct FormDataParser: Sendable {
    public struct Limits: Sendable, Equatable {
        /// The most parts.
        public var maximumParts: Int
        /// The most bytes of one part's header.
        public var maximumHeaderLength: Int

        public init(maximumParts: Int = 1000, maximumHeaderLength: Int = 8192) {
            self.maximumParts = maximumParts
            self.maximumHeaderLength = maximumHeaderLength
        }
    }

    private enum State: Equatable {
        case preamble
        /// Right behind a boundary.
        case boundary
        case header
        case body
        case done
        case failed(FormDataError)
    }

    private let delimiter: [UInt8]
    private let limits: Limits
    private var state = State.preamble
    private var partCount = 0
    /// What was not used yet: at most one header, or one boundary less a byte.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var position = 0

    /// `contentType` is the request's field; nil unless it is form-data with a usable boundary.
    public init?(contentType: String, limits: Limits = Limits()) {
        guard let boundary = Self.boundary(contentType) else { return nil }
        delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + Array(boundary.utf8)
        self.limits = limits
    }

    /// Whether the closing boundary has come. What follows it is ignored; a body that ends before it was cut off.
    public var isComplete: Bool { state == .done }

    /// Bytes that are held back at the moment.
    public var bufferedBytes: Int { buffer.count - position }

    /// Takes the next bytes and gives what they hold. After an error it gives the same error for ever.
    public mutating func append(_ bytes: [UInt8]) throws(FormDataError) -> [FormDataEvent] {
        if case .failed(let error) = state { throw error }
        guard state != .done else { return [] }
        buffer.append(contentsOf: bytes)
        var events: [FormDataEvent] = []
        do throws(FormDataError) {
            while try step(&events) {}
        } catch {
            state = .failed(error)
            buffer = []
            position = 0
            throw error
        }
        buffer.removeFirst(position)
        position = 0
        return events
    }

    /// Goes on by one element; false when it needs more bytes.
    private mutating func step(_ events: inout [FormDataEvent]) throws(FormDataError) -> Bool {
        switch state {
        case .preamble:
            guard let found = find(delimiter) else {
                // Nobody sends one; a long one is not a form.
                guard bufferedBytes <= limits.maximumHeaderLength else { throw .missingBoundary }
                return false
            }
            position = found + delimiter.count
            state = .boundary
            return true
        case .boundary: return try afterBoundary()
        case .header: return try header(&events)
        case .body: return body(&events)
        case .done, .failed:
            position = buffer.count
            return false
        }
    }

    private mutating func afterBoundary() throws(FormDataError) -> Bool {
        guard bufferedBytes >= 2 else { return false }
        if buffer[position] == 0x2D, buffer[position + 1] == 0x2D {
            state = .done
            return true
        }
        // White space may fill the line (RFC 2046 §5.1.1).
        var next = position
        while next < buffer.count, buffer[next] == 0x20 || buffer[next] == 0x09 { next += 1 }
        guard next - position <= 256 else { throw .malformedBoundary }
        guard next + 2 <= buffer.count else { return false }
        guard buffer[next] == 0x0D, buffer[next + 1] == 0x0A else { throw .malformedBoundary }
        guard partCount < limits.maximumParts else { throw .tooManyParts }
        partCount += 1
        // The line break stays: with it, even a header of no lines ends in two of them.
        position = next
        state = .header
        return true
    }

    private mutating func header(_ events: inout [FormDataEvent]) throws(FormDataError) -> Bool {
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]), end - position <= limits.maximumHeaderLength else {
            guard bufferedBytes <= limits.maximumHeaderLength else { throw .headerTooLong }
            return false
        }
        events.append(.began(try FormDataPart(header: buffer[position..<end])))
        position = end + 4
        state = .body
        return true
    }

    private mutating func body(_ events: inout [FormDataEvent]) -> Bool {
        if let found = find(delimiter) {
            if found > position { events.append(.data(Array(buffer[position..<found]))) }
            events.append(.ended)
            position = found + delimiter.count
            state = .boundary
            return true
        }
        // A delimiter may have begun in the last bytes; it begins with a line break and has no other.
        let tail = max(position, buffer.count - delimiter.count + 1)
        let kept = buffer[tail...].lastIndex(of: 0x0D) ?? buffer.count
        if kept > position { events.append(.data(Array(buffer[position..<kept]))) }
        position = kept
        return false
    }

    /// Where `wanted`, which begins with a carriage return, first stands from the position on.
    private func find(_ wanted: [UInt8]) -> Int? {
        buffer.withUnsafeBufferPointer { bytes in
            var index = position
            let last = bytes.count - wanted.count
            while index <= last {
                if bytes[index] == 0x0D, wanted.indices.allSatisfy({ bytes[index + $0] == wanted[$0] }) { return index }
                index += 1
            }
            return nil
        }
    }

    private static func boundary(_ contentType: String) -> String? {
        guard contentType.utf8.count <= 1024 else { return nil }
        var scanner = FieldScanner(contentType)
        guard scanner.token()?.lowercased() == "multipart", scanner.take("/"),
            scanner.token()?.lowercased() == "form-data"
        else { return nil }
        scanner.skipWhitespace()
        while scanner.take(";") {
            scanner.skipWhitespace()
            guard let name = scanner.token()?.lowercased(), scanner.take("="),
                let value = scanner.quotedString() ?? scanner.token()
            else { return nil }
            scanner.skipWhitespace()
            guard name == "boundary" else { continue }
            // RFC 2046 §5.1.1: one to seventy characters, none of them a control.
            return (1...70).contains(value.utf8.count) && value.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
                ? value : nil
        }
        return nil
    }
}

/// What a form's bytes hold, in order.
public enum FormDataEvent: Sendable, Equatable {
    case began(FormDataPart)
    case data([UInt8])
    /// The part's content is complete.
    case ended
}

/// Why bytes are no form.
public enum FormDataError: Error, Equatable, Sendable {
    case missingBoundary
    case malformedBoundary
    case headerTooLong
    case malformedHeader
    case tooManyParts
}
