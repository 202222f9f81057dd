#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Starts a program of the computer whose own words nobody is to see.
enum Launch {
    private static let patience = Duration.seconds(3)

    /// - Returns: false if there is no such program, or if it ends with a failure within a moment; it may go on after that.
    static func succeeds(_ program: String, _ arguments: [String]) async -> Bool {
        guard let process = start(program, arguments) else { return false }
        return await ends(process)
    }

    /// The first line of what a program says; nil if there is no such program, it fails, or it takes long.
    static func firstLine(_ program: String, _ arguments: [String]) async -> String? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        let process = start(program, arguments, output: ends)
        close(ends[1])
        guard let process, fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, await Self.ends(process) else { return nil }
        // It is in the pipe: what takes more room than that has not ended.
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &bytes, bytes.count)
        let line = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? nil : String(validating: line, as: UTF8.self)
    }

    /// Whether it ends well or goes on.
    private static func ends(_ process: pid_t) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var status: Int32 = 0
        while ContinuousClock.now < deadline {
            switch waitpid(process, &status, WNOHANG) {
            case 0: try? await Task.sleep(for: .milliseconds(50))
            case process: return status == 0
            default: return false
            }
        }
        return true
    }

    /// - Parameter output: both ends of a pipe, to read first, for what it says.
    private static func start(_ program: String, _ arguments: [String], output: [Int32]? = nil) -> pid_t? {
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        #if canImport(Darwin)
            var files: posix_spawn_file_actions_t?
        #else
            var files = posix_spawn_file_actions_t()
        #endif
        guard posix_spawn_file_actions_init(&files) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&files) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_WRONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO)
            for end in output { posix_spawn_file_actions_addclose(&files, end) }
        }
        var process = pid_t()
        return posix_spawnp(&process, program, &files, nil, &words, environ) == 0 ? process : nil
    }
}
