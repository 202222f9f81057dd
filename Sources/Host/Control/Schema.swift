/// A JSON schema, as much of it as the API's models need.
indirect enum Schema: Sendable {
    case text
    case textOf([String])
    case integer
    case number
    case flag
    case optional(Schema)
    case array(Schema)
    case named(String)
    case object([Member])

    struct Member: Sendable {
        let name: String
        let schema: Schema
        /// Whether it is always there.
        let isRequired: Bool

        init(_ name: String, _ schema: Schema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    static func list(of name: String) -> Schema {
        .object([Member("rows", .array(.named(name))), Member("truncated", .flag)])
    }

    /// As JSON text.
    var json: String {
        switch self {
        case .text: #"{"type":"string"}"#
        case .textOf(let values): #"{"type":"string","enum":[\#(values.map(Self.quoted).joined(separator: ","))]}"#
        case .integer: #"{"type":"integer"}"#
        case .number: #"{"type":"number"}"#
        case .flag: #"{"type":"boolean"}"#
        case .optional(let schema): #"{"anyOf":[\#(schema.json),{"type":"null"}]}"#
        case .array(let schema): #"{"type":"array","items":\#(schema.json)}"#
        case .named(let name): ##"{"$ref":"#/components/schemas/\##(name)"}"##
        case .object(let members):
            #"{"type":"object","properties":{\#(properties(members))},"required":[\#(required(members))]}"#
        }
    }

    private func properties(_ members: [Member]) -> String {
        members.map { Self.quoted($0.name) + ":" + $0.schema.json }.joined(separator: ",")
    }

    private func required(_ members: [Member]) -> String {
        members.filter(\.isRequired).map { Self.quoted($0.name) }.joined(separator: ",")
    }

    static func quoted(_ text: String) -> String { String(decoding: JSON.encode(text), as: UTF8.self) }
}
