import Testing
import WebWire

@Suite("What clients say of uploads")
struct UploadTests {
    /// The example of the specification of tus 1.0.0.
    @Test func metadata() throws {
        let text = "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential"
        let metadata = try #require(UploadMetadata(parsing: text))
        #expect(metadata.path == ["world_domination_plan.pdf"])
        #expect(metadata.values["is_confidential"] == [])
        #expect(metadata.description == text)
        #expect(UploadMetadata(parsing: "")?.values.isEmpty == true)
    }

    @Test(
        "What is not of the form is refused",
        arguments: [
            "a b c", "a YQ==,a YQ==", ",", "a YQ==,", "a Y", "a Y===", "a ****", "\u{E4} YQ==",
            String(repeating: "a", count: 8193), (0..<65).map { "k\($0)" }.joined(separator: ","),
        ])
    func malformed(_ text: String) {
        #expect(UploadMetadata(parsing: text) == nil)
    }

    @Test("Every beginning of it is read or refused")
    func incomplete() {
        let text = "relativePath YS9iL2M=,filename Yw==,x"
        for count in 0...text.count { _ = UploadMetadata(parsing: String(text.prefix(count))) }
    }

    @Test("A path is preferred to a name; some clients send words in place of nothing")
    func preference() {
        func path(_ values: [String: String]) -> [String]? {
            UploadMetadata(values: values.mapValues { Array($0.utf8) }).path
        }
        #expect(path(["relativePath": "a/b", "filename": "b"]) == ["a", "b"])
        #expect(path(["relativePath": "null", "filename": "b"]) == ["b"])
        #expect(path(["name": "n"]) == ["n"])
        #expect(path(["filetype": "x"]) == nil)
    }

    @Test(
        "A name has no way out",
        arguments: [
            ("../../etc/passwd", ["etc", "passwd"]), ("/abs", ["abs"]), ("C:\\Users\\x.txt", ["x.txt"]),
            ("..", ["_"]), ("", ["_"]), ("a/../b", ["a", "b"]), ("a\nb", ["a_b"]), ("a\u{0}b", ["a_b"]),
            ("a//b/", ["a", "b"]), ("CON", ["CON"]), ("..\\..\\x", ["x"]),
        ])
    func paths(_ text: String, _ expected: [String]) {
        #expect(UploadPath.components(text) == expected)
    }

    @Test func longPaths() {
        let deep = UploadPath.components(String(repeating: "a/", count: 100) + "b")
        #expect(deep.count == 32 && deep.last == "b")
        #expect(UploadPath.components(String(repeating: "\u{E4}", count: 500) + ".txt")[0].utf8.count <= 240)
    }

    @Test("A field of a form in which no file was chosen is none")
    func nothingChosen() throws {
        let form = "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n--B--"
        var parser = try #require(FormDataParser(contentType: "multipart/form-data; boundary=B"))
        guard case .began(let part)? = try parser.append(Array(form.utf8)).first else {
            Issue.record("no part")
            return
        }
        #expect(part.path == nil)
    }
}
