import Metainfo
import Testing

@testable import duplex

@Suite struct ByteCountTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"), (10_240, "10.0 KiB"),
            (1_048_575, "1.00 MiB"), (104_857_600, "100 MiB"), (1 << 30, "1.00 GiB"), (Int64.max, "8.00 EiB"),
            (-5, "0 B"),
        ] as [(Int64, String)])
    func sizesHaveThreeDigits(bytes: Int64, text: String) {
        #expect(ByteCount.size(bytes) == text)
    }

    @Test(
        arguments: [
            (0, "0 B/s"), (1023, "1023 B/s"), (1024, "1.00 KiB/s"), (112 << 20, "112 MiB/s"), (1_048_000, "1.00 MiB/s"),
        ] as [(Int64, String)])
    func ratesAreSaidLikeSizes(bytes: Int64, text: String) {
        #expect(ByteCount.rate(bytes) == text)
    }

    @Test func rateOfARunThatTookNoTimeIsUnknown() {
        #expect(ByteCount.rate(bytes: 1000, seconds: 0) == nil)
        #expect(ByteCount.rate(bytes: 0, seconds: 1) == nil)
        #expect(ByteCount.rate(bytes: 5_000_000, seconds: 2) == "2.38 MiB/s")
        #expect(ByteCount.rate(bytes: 5, seconds: .infinity) == "0 B/s")
        #expect(ByteCount.rate(bytes: 5, seconds: .nan) == nil)
    }
}

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            (0, "0.00 s"), (0.421, "0.42 s"), (9.999, "10.0 s"), (59.96, "1 min 00 s"), (245, "4 min 05 s"),
            (7800, "2 h 10 min"), (90_000, "1 d 1 h"), (.infinity, "0.00 s"), (-1, "0.00 s"), (1e300, "over 100 d"),
        ] as [(Double, String)])
    func elapsed(seconds: Double, text: String) {
        #expect(DurationText.elapsed(seconds) == text)
    }

    @Test(
        arguments: [(0.2, "1 s"), (7.1, "8 s"), (245, "4 min 05 s"), (.nan, "?"), (1e18, "over 100 d")]
            as [(Double, String)])
    func left(seconds: Double, text: String) {
        #expect(DurationText.left(seconds) == text)
    }
}

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("Vorträge 日本 👩‍💻", "Vorträge 日本 👩‍💻"),
        ("a\u{1B}[2Jb", "a\\u{1B}[2Jb"),
        ("a\nb\r\tc", "a\\u{A}b\\u{D}\\u{9}c"),
        ("exe.\u{202E}fdp", "exe.\\u{202E}fdp"),
        ("\u{9B}31m\u{7F}\u{2028}", "\\u{9B}31m\\u{7F}\\u{2028}"),
        ("\r\n", "\\u{D}\\u{A}"),
    ])
    func namesCannotDriveTheTerminal(name: String, shown: String) {
        #expect(VisibleText.escaped(name) == shown)
        #expect(VisibleText.escaped(shown) == shown)
    }

    @Test func wideCharactersTakeTwoColumns() {
        #expect(VisibleText.width("abc") == 3)
        #expect(VisibleText.width("日本") == 4)
        #expect(VisibleText.width("👩‍💻") == 2)
        #expect(VisibleText.width("e\u{301}") == 1)
        #expect(VisibleText.width("██··") == 4)
    }

    @Test(arguments: [("Lectures", 8, "Lectures"), ("Lectures", 5, "Lect…"), ("日本語", 4, "日…"), ("ab", 0, "")])
    func longTextIsCut(text: String, columns: Int, cut: String) {
        #expect(VisibleText.truncated(text, to: columns) == cut)
    }

    @Test func shellWordsSurviveQuotes() {
        #expect(VisibleText.shellQuoted("a&b") == "'a&b'")
        #expect(VisibleText.shellQuoted("it's") == "'it'\\''s'")
    }
}

@Suite struct ProgressBarTests {
    @Test func barFillsFromLeftToRight() {
        #expect(ProgressBar.text(fraction: 0, columns: 4) == "····")
        #expect(ProgressBar.text(fraction: 0.5, columns: 4) == "██··")
        #expect(ProgressBar.text(fraction: 0.125, columns: 4) == "▌···")
        #expect(ProgressBar.text(fraction: 1, columns: 4) == "████")
        #expect(ProgressBar.text(fraction: .nan, columns: 4) == "····")
        #expect(ProgressBar.text(fraction: 7, columns: 4) == "████")
    }

    @Test func hundredPercentOnlyWhenAllIsThere() {
        #expect(ProgressBar.percent(done: 999_999, total: 1_000_000) == 99)
        #expect(ProgressBar.percent(done: 5, total: 5) == 100)
        #expect(ProgressBar.percent(done: 0, total: 0) == 0)
        #expect(ProgressBar.percent(done: -1, total: 10) == 0)
    }
}
