import FoundationEssentials

/// The one way from models to JSON and back.
enum JSON {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Models consist of texts, numbers and lists; nothing in them can fail to encode.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("null".utf8)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
