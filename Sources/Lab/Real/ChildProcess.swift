#if os(Linux)
    import Glibc

    /// A program that runs beside the lab and says line by line how it goes.
    final class ChildProcess {
        let pid: pid_t
        private var output: Int32
        private var buffer = [UInt8](repeating: 0, count: 1 << 16)
        private var rest: [UInt8] = []
        /// It will say no more: it has ended, or does so now.
        private(set) var isSilent = false
        private var status: Int32?
        private let errorsPath: String

        /// - Parameters:
        ///   - path: the program.
        ///   - errorsPath: what it says on standard error goes into this file.
        init(
            _ path: String, _ arguments: [String], environment: [String: String], errorsPath: String
        ) throws(LabFailure) {
            let errors = open(errorsPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard errors >= 0 else { throw .file(verb: "write", path: errorsPath, reason: ErrorText.of(errno)) }
            defer { close(errors) }
            let pipe = try Spawn.pipe()
            defer { close(pipe.write) }
            do {
                pid = try Spawn.start(path, arguments, environment: environment, output: pipe.write, errors: errors)
            } catch {
                close(pipe.read)
                throw error
            }
            _ = fcntl(pipe.read, F_SETFL, O_NONBLOCK)
            output = pipe.read
            self.errorsPath = errorsPath
        }

        deinit { end() }

        /// The lines that have arrived since the last call. Never waits.
        func newLines() -> [[UInt8]] {
            guard output >= 0 else { return [] }
            while true {
                let count = read(output, &buffer, buffer.count)
                if count == 0 { isSilent = true }
                guard count > 0 else { break }
                rest += buffer[..<count]
            }
            guard let last = rest.lastIndex(of: 10) else { return [] }
            let lines = rest[..<last].split(separator: 10).map(Array.init)
            rest.removeSubrange(...last)
            return lines
        }

        /// Whether it has ended. Never waits.
        var hasEnded: Bool {
            guard status == nil else { return true }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return false }
            self.status = status
            return true
        }

        /// The exit status, 128 and more for a signal; nil while it runs.
        var exitStatus: Int32? {
            guard hasEnded, let status else { return nil }
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }

        /// The last line on its standard error.
        var lastError: String? {
            let text = (try? LabFile.read(errorsPath, limit: 1 << 16)) ?? []
            return text.split(separator: 10).last.map { String(decoding: $0, as: UTF8.self) }
        }

        /// Ends it at once, whatever it is doing.
        func end() {
            if !hasEnded {
                kill(pid, SIGKILL)
                var status: Int32 = 0
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
                self.status = status
            }
            if output >= 0 { close(output) }
            output = -1
        }
    }
#endif
