/// Writes bencoding (BEP 3) from front to back, without a ``BencodeValue`` of the whole in memory: for info dictionaries
/// of a hundred thousand files.
///
/// The caller sees to it that keys ascend in raw byte order, that each has a value, and that what is begun is ended.
public struct BencodeWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// Values so far, keys not counted: what `BencodeDecoder.Limits/maximumNodes` bounds.
    public private(set) var nodes = 0

    public init() {}

    /// Begins a dictionary.
    public mutating func beginDictionary() { open(UInt8(ascii: "d")) }

    /// Begins a list.
    public mutating func beginList() { open(UInt8(ascii: "l")) }

    /// Ends the dictionary or list that was begun last.
    public mutating func end() { bytes.append(UInt8(ascii: "e")) }

    /// Writes the key of a dictionary's next value.
    public mutating func key(_ text: String) { append(text.utf8) }

    /// Writes a byte string.
    public mutating func string(_ content: some Collection<UInt8>) {
        nodes += 1
        append(content)
    }

    /// Writes a byte string that holds the UTF-8 form of `text`.
    public mutating func text(_ text: String) { string(text.utf8) }

    /// Writes a number.
    public mutating func integer(_ value: Int64) {
        nodes += 1
        bytes.append(UInt8(ascii: "i"))
        bytes.append(contentsOf: String(value).utf8)
        bytes.append(UInt8(ascii: "e"))
    }

    private mutating func open(_ letter: UInt8) {
        nodes += 1
        bytes.append(letter)
    }

    private mutating func append(_ content: some Collection<UInt8>) {
        bytes.append(contentsOf: String(content.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: content)
    }
}
