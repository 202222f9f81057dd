#if os(Linux)
    import Glibc

    /// Starts programs.
    enum Spawn {
        /// A child in a process group of its own, so that Ctrl-C on the terminal reaches the lab alone, which then ends it.
        ///
        /// Its standard input is empty.
        ///
        /// - Parameters:
        ///   - output: descriptor for its standard output.
        ///   - errors: descriptor for its standard error.
        static func start(
            _ path: String, _ arguments: [String], environment: [String: String], output: Int32, errors: Int32
        ) throws(LabFailure) -> pid_t {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, errors, 2)

            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            // The lab ignores these; what it starts must not begin that way.
            var signals = sigset_t()
            sigemptyset(&signals)
            for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, number) }
            posix_spawnattr_setsigdefault(&attributes, &signals)
            var none = sigset_t()
            sigemptyset(&none)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setpgroup(&attributes, 0)
            posix_spawnattr_setflags(
                &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

            var pid = pid_t()
            let code = withStrings([path] + arguments) { arguments in
                withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                    posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
                }
            }
            guard code == 0 else { throw .file(verb: "run", path: path, reason: ErrorText.of(code)) }
            return pid
        }

        /// A pipe that no child inherits unless it is given an end as one of its standard descriptors.
        static func pipe() throws(LabFailure) -> (read: Int32, write: Int32) {
            var ends: [Int32] = [-1, -1]
            guard Glibc.pipe(&ends) == 0 else {
                throw .file(verb: "make", path: "a pipe", reason: ErrorText.of(errno))
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }

        private static func withStrings<Result>(
            _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
        ) -> Result {
            let pointers = texts.map { strdup($0) }
            defer { for pointer in pointers { free(pointer) } }
            return body(pointers + [nil])
        }
    }
#endif
