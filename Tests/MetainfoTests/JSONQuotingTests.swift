import Metainfo
import Testing

@Suite("Texts in JSON")
struct JSONQuotingTests {
    @Test("Quotes, backslashes and control characters are escaped, and nothing else is")
    func quoted() {
        #expect(JSONQuoting.quoted("a\"\\\n\r\t\u{1}é☃") == "\"a\\\"\\\\\\n\\r\\t\\u0001é☃\"")
        #expect(JSONQuoting.quoted("\u{7F}\u{9F}\u{A0}/") == "\"\\u007f\\u009f\u{A0}/\"")
        #expect(JSONQuoting.quoted("") == "\"\"")
    }
}
