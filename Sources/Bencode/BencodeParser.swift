/// One run of ``BencodeDecoder`` over one input.
struct BencodeParser {
    let input: UnsafeBufferPointer<UInt8>
    let limits: BencodeDecoder.Limits
    let isStrict: Bool
    private(set) var position = 0
    private var nodes = 0
    private var open: [OpenContainer] = []

    init(input: UnsafeBufferPointer<UInt8>, limits: BencodeDecoder.Limits, isStrict: Bool) {
        self.input = input
        self.limits = limits
        self.isStrict = isStrict
    }

    mutating func parse() throws(BencodeError) -> BencodeValue {
        while true {
            if open.last?.isDictionary == true, open.last?.key == nil {
                if try peek() == UInt8(ascii: "e") {
                    if let value = try close() { return value }
                } else {
                    try readKey()
                }
                continue
            }
            let start = position
            switch try peek() {
            case UInt8(ascii: "i"):
                try countNode()
                position += 1
                let value = BencodeValue.integer(try readInteger())
                if let done = finish(value, from: start) { return done }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                try countNode()
                let value = BencodeValue.string(try readString())
                if let done = finish(value, from: start) { return done }
            case UInt8(ascii: "l"):
                try push(OpenContainer(isDictionary: false, start: start))
            case UInt8(ascii: "d"):
                try push(OpenContainer(isDictionary: true, start: start))
            case UInt8(ascii: "e") where open.last?.isDictionary == false:
                if let value = try close() { return value }
            case let byte:
                throw .unexpectedByte(byte, offset: position)
            }
        }
    }

    // MARK: Containers

    private struct OpenContainer {
        let isDictionary: Bool
        let start: Int
        var items: [BencodeValue] = []
        var entries: [BencodeDictionary.Entry] = []
        var isSorted = true
        var key: [UInt8]?
    }

    private mutating func push(_ container: OpenContainer) throws(BencodeError) {
        guard open.count < limits.maximumDepth else { throw .tooDeep(offset: position) }
        try countNode()
        open.append(container)
        position += 1
    }

    private mutating func close() throws(BencodeError) -> BencodeValue? {
        guard let container = open.popLast() else { throw .unexpectedByte(UInt8(ascii: "e"), offset: position) }
        position += 1
        let value: BencodeValue =
            container.isDictionary
            ? .dictionary(BencodeDictionary(entries: container.entries, isSorted: container.isSorted))
            : .list(container.items)
        return finish(value, from: container.start)
    }

    /// Hands a complete value to the container it is in; returns it when there is none.
    private mutating func finish(_ value: BencodeValue, from start: Int) -> BencodeValue? {
        guard !open.isEmpty else { return value }
        let top = open.count - 1
        if let key = open[top].key {
            open[top].entries.append(.init(key: key, value: value, valueRange: start..<position))
            open[top].key = nil
        } else {
            open[top].items.append(value)
        }
        return nil
    }

    private mutating func readKey() throws(BencodeError) {
        let start = position
        let key = try readString()
        let top = open.count - 1
        if let previous = open[top].entries.last?.key, !BencodeDictionary.precedes(previous, key) {
            if isStrict { throw .unsortedKey(offset: start) }
            open[top].isSorted = false
        }
        open[top].key = key
    }

    // MARK: Scalars

    private func peek() throws(BencodeError) -> UInt8 {
        guard position < input.count else { throw .truncated(offset: position) }
        return input[position]
    }

    private mutating func countNode() throws(BencodeError) {
        guard nodes < limits.maximumNodes else { throw .tooManyNodes(offset: position) }
        nodes += 1
    }

    /// Reads digits up to and including the `e`; the `i` is already read.
    private mutating func readInteger() throws(BencodeError) -> Int64 {
        let start = position
        let isNegative = try peek() == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let firstDigit = position
        // Accumulated as a negative number, since Int64.min has no positive counterpart.
        var value: Int64 = 0
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: "e") { break }
            guard let digit = digit(byte) else { throw .invalidInteger(offset: start) }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, underflow) = tens.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !underflow else { throw .invalidInteger(offset: start) }
            value = sum
            position += 1
        }
        let digits = position - firstDigit
        let hasLeadingZero = digits > 0 && input[firstDigit] == UInt8(ascii: "0") && (digits > 1 || isNegative)
        guard digits > 0, !hasLeadingZero else { throw .invalidInteger(offset: start) }
        position += 1
        if isNegative { return value }
        guard value != Int64.min else { throw .invalidInteger(offset: start) }
        return -value
    }

    private mutating func readString() throws(BencodeError) -> [UInt8] {
        let start = position
        var length = 0
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: ":") { break }
            guard let digit = digit(byte) else { throw .unexpectedByte(byte, offset: position) }
            let isLeadingZero = position > start && length == 0
            length = length * 10 + Int(digit)
            // Bounded by the input on every digit, so it cannot overflow however many digits follow.
            guard !isLeadingZero, length <= input.count else { throw .invalidLength(offset: start) }
            position += 1
        }
        guard position > start else { throw .unexpectedByte(input[position], offset: position) }
        let first = position + 1
        guard length <= input.count - first else { throw .invalidLength(offset: start) }
        position = first + length
        return Array(input[first..<position])
    }

    private func digit(_ byte: UInt8) -> UInt8? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : nil
    }
}
