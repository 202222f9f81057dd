import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Standard output or standard error, written without buffering.
///
/// Each text goes out in one `write(2)` where the system takes it whole, so that lines of several programs on one pipe
/// do not mix and nothing waits in a buffer. A reader that went away (EPIPE; `SIGPIPE` is ignored at the start) is
/// remembered, not an error: the command then ends as if interrupted. Any other trouble with standard output, such as a
/// full disk, is in ``failure``.
struct OutputStream: Sendable {
    let descriptor: Int32

    static let standardOutput = OutputStream(descriptor: 1)
    static let standardError = OutputStream(descriptor: 2)

    private static let failureCode = Mutex<Int32?>(nil)

    /// Why something that was written to standard output is lost, if it is.
    static var failure: CommandFailure? {
        failureCode.withLock(\.self).map {
            CommandFailure(
                "cannot write the output", why: SystemText.error($0), remedy: "make room for it or send it elsewhere")
        }
    }

    /// A file that is opened while standard output is closed would become standard output, and what is printed would
    /// end up in it. So what is closed leads nowhere instead. To be called before anything is opened.
    static func occupyStandardDescriptors() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
    }

    /// False once the reader went away or the text could not be written.
    @discardableResult
    func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if written == 0 {
                    return false
                } else if errno == EAGAIN {
                    // A descriptor that some other program made non-blocking.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = systemPoll(&poll)
                } else if errno != EINTR {
                    let code = errno
                    if descriptor == 1, code != EPIPE { Self.failureCode.withLock { $0 = $0 ?? code } }
                    return false
                }
            }
            return true
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

private func systemPoll(_ descriptor: inout pollfd) -> Int32 {
    poll(&descriptor, 1, 1000)
}
