import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program of the system that prints something and ends, such as `nft`.
struct SystemTool: Sendable {
    let path: String

    /// Less than a check may take, so that the check can still say what happened.
    private static let patience: Duration = .milliseconds(1500)
    private static let longestOutput = 16 << 20

    /// Looks in `PATH` and, since users often lack these, in the folders of the administrator.
    static func find(_ name: String) -> SystemTool? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":") + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        return folders.map { "\($0)/\(name)" }.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
            .map(SystemTool.init(path:))
    }

    func run(_ arguments: [String]) throws(LookFailure) -> ToolResult {
        let (pid, output, errors) = try start(arguments)
        defer {
            close(output)
            close(errors)
        }
        let texts = Self.readAll([output, errors])
        if texts == nil { kill(pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        guard let texts else { throw LookFailure("\(path) did not answer in time or said too much") }
        let signal = status & 0x7F
        return ToolResult(
            status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
            output: String(decoding: texts[0], as: UTF8.self), errors: String(decoding: texts[1], as: UTF8.self))
    }

    /// One at a time: what is started meanwhile would inherit the pipes and keep them open.
    private static let starting = Mutex(())

    /// - Returns: the process, and where what it prints can be read.
    private func start(_ arguments: [String]) throws(LookFailure) -> (pid: pid_t, output: Int32, errors: Int32) {
        try Self.starting.withLock { _ throws(LookFailure) in
            let output = try Self.pipe()
            defer { close(output.write) }
            var isStarted = false
            defer { if !isStarted { close(output.read) } }
            let errors = try Self.pipe()
            defer { close(errors.write) }
            defer { if !isStarted { close(errors.read) } }
            let pid = try spawn(arguments, output: output.write, errors: errors.write)
            isStarted = true
            return (pid, output.read, errors.read)
        }
    }

    private func spawn(_ arguments: [String], output: Int32, errors: Int32) throws(LookFailure) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The commands ignore it; what they start must not begin that way.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        var pid = pid_t()
        // Nothing of the user's own environment may change what such a program prints.
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        let code = Self.withStrings([path] + arguments) { arguments in
            Self.withStrings(environment) { posix_spawn(&pid, path, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw LookFailure("\(path) cannot be run: \(SystemError.text(code))") }
        return pid
    }

    private static func pipe() throws(LookFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard systemPipe(&ends) == 0 else { throw LookFailure("no pipe can be made: \(SystemError.text(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Everything until all ends are closed; nil if that takes too long or is too much.
    private static func readAll(_ descriptors: [Int32]) -> [[UInt8]]? {
        let deadline = ContinuousClock.now + patience
        var texts = [[UInt8]](repeating: [], count: descriptors.count)
        var open = Set(descriptors.indices)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !open.isEmpty {
            guard ContinuousClock.now < deadline else { return nil }
            let order = open.sorted()
            var waits = order.map { pollfd(fd: descriptors[$0], events: Int16(POLLIN), revents: 0) }
            guard poll(&waits, nfds_t(waits.count), 100) > 0 else { continue }
            for (index, wait) in zip(order, waits) where wait.revents != 0 {
                let count = read(descriptors[index], &buffer, buffer.count)
                if count > 0 {
                    texts[index] += buffer[..<count]
                    guard texts[index].count <= longestOutput else { return nil }
                } else if count == 0 || errno != EINTR {
                    open.remove(index)
                }
            }
        }
        return texts
    }

    private static func withStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}

private func systemPipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }
