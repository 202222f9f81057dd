import Testing

@testable import duplex

@Suite struct JSONValueTests {
    @Test func membersKeepTheirOrder() {
        let value: JSONValue = [
            "event": "progress", "done": .integer(7), "ok": .bool(true), "none": .null,
            "list": .array(["a", .number(1.5), [:]]),
        ]
        #expect(value.text == #"{"event":"progress","done":7,"ok":true,"none":null,"list":["a",1.5,{}]}"#)
    }

    @Test func oneLineWhateverTheTextHolds() {
        let text = JSONValue.string("a\"b\\c/\n\r\t\u{1B}\u{7F}\u{9B}é👍\r\n").text
        #expect(text == #""a\"b\\c/\n\r\t\u001b\u007f\u009bé👍\r\n""#)
        #expect(!text.unicodeScalars.contains("\n"))
    }

    @Test func absentValuesAreNull() {
        #expect(JSONValue(nil as String?).text == "null")
        #expect(JSONValue(nil as Int?).text == "null")
        #expect(JSONValue(UInt64.max).text == String(Int64.max))
        #expect(JSONValue.number(.nan).text == "null")
        #expect(JSONValue.number(.infinity).text == "null")
    }
}
