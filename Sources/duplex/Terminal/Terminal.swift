#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the terminal behind a stream can do, if there is one.
struct Terminal: Sendable {
    let stream: OutputStream
    /// A terminal on which a line can be drawn anew.
    let isInteractive: Bool
    /// Colors may be used: an interactive terminal, and the user did not set `NO_COLOR` (https://no-color.org).
    let usesColor: Bool

    init(stream: OutputStream) {
        self.stream = stream
        isInteractive = isatty(stream.descriptor) == 1 && Self.variable("TERM") != "dumb"
        usesColor = isInteractive && (Self.variable("NO_COLOR") ?? "").isEmpty
    }

    /// Columns and rows right now; the window may be resized at any time.
    var size: (columns: Int, rows: Int) {
        var window = winsize()
        if ioctl(stream.descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 {
            return (Int(window.ws_col), Int(window.ws_row))
        }
        return (80, 24)
    }

    func bold(_ text: String) -> String {
        usesColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
