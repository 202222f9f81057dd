#if os(Linux)
    import FoundationEssentials
    import Glibc

    /// A program of the system that does one thing and ends, such as `ip`.
    struct SystemTool: Sendable, Equatable {
        let path: String

        /// Seconds until a tool that does not end is ended; the kernel answers in milliseconds.
        private static let patience: Int64 = 20

        static func find(_ name: String) -> SystemTool? {
            let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
            return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
                .map(SystemTool.init(path:))
        }

        static func need(_ name: String) throws(LabFailure) -> SystemTool {
            guard let tool = find(name) else { throw .toolMissing(name) }
            return tool
        }

        /// Waits for the end.
        ///
        /// - Returns: the exit status, and what was printed on both streams.
        func run(_ arguments: [String]) throws(LabFailure) -> (status: Int32, text: String) {
            let pipe = try Spawn.pipe()
            defer { close(pipe.read) }
            let pid: pid_t
            do {
                pid = try Spawn.start(
                    path, arguments, environment: ProcessInfo.processInfo.environment, output: pipe.write,
                    errors: pipe.write)
            } catch {
                close(pipe.write)
                throw error
            }
            close(pipe.write)
            let text = Self.readAll(pipe.read, endAfter: Self.patience) { kill(pid, SIGKILL) }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            let signal = status & 0x7F
            return (signal == 0 ? (status >> 8) & 0xFF : 128 + signal, text)
        }

        private static func readAll(_ descriptor: Int32, endAfter seconds: Int64, end: () -> Void) -> String {
            let deadline = ContinuousClock.now + .seconds(seconds)
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if ContinuousClock.now > deadline {
                    end()
                    break
                }
                guard poll(&wait, 1, 500) != 0 else { continue }
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    text += buffer[..<count]
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The programs that build the network.
    struct NetworkTools: Sendable {
        let ip: SystemTool
        let tc: SystemTool

        static func find() throws(LabFailure) -> NetworkTools {
            NetworkTools(ip: try .need("ip"), tc: try .need("tc"))
        }

        func run(_ call: NetworkPlan.Call) throws(LabFailure) {
            let result = try (call.tool == .ip ? ip : tc).run(call.arguments)
            guard result.status != 0 else { return }
            if let name = call.makes, result.text.contains("File exists") { throw .nameTaken(name) }
            let lines = result.text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
            let message = lines.isEmpty ? "it ended with status \(result.status)" : lines.joined(separator: "; ")
            throw .tool(command: call.text, message: message)
        }
    }
#endif
