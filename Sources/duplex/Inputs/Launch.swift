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

    private static func start(_ program: String, _ arguments: [String]) -> pid_t? {
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
        var process = pid_t()
        return posix_spawnp(&process, program, &files, nil, &words, environ) == 0 ? process : nil
    }
}
