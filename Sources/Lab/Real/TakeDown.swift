#if os(Linux)
    import FoundationEssentials
    import Glibc

    /// Takes down what a run made: the same whether the run asks for it or a later one finds what it left.
    enum TakeDown {
        /// Everything in the ledger, then the ledger. What is gone already is no error, so it may be done again after it
        /// failed half way.
        ///
        /// Never looks at cancellation: it is what follows it.
        static func run(_ ledger: Ledger, ip: SystemTool) throws(LabFailure) {
            if let token = ledger.record.token { endProcesses(of: token) }
            for name in ledger.record.namespaces where access("/run/netns/\(name)", F_OK) == 0 {
                let result = try ip.run(["netns", "delete", name])
                guard result.status == 0 || access("/run/netns/\(name)", F_OK) != 0 else {
                    throw .tool(command: "ip netns delete \(name)", message: result.text)
                }
            }
            for folder in ledger.record.folders where access(folder, F_OK) == 0 {
                do {
                    try FileManager.default.removeItem(atPath: folder)
                } catch {
                    throw .file(verb: "remove", path: folder, reason: "\(error)")
                }
            }
            ledger.remove()
        }

        /// Every process that has the run's mark in its environment, and no other.
        private static func endProcesses(of token: String) {
            // They end within milliseconds, but a process in the middle of writing to a slow disk is waited for.
            for _ in 0..<300 {
                let processes = marked("\(RunNames.marker)=\(token)")
                if processes.isEmpty { return }
                for process in processes { kill(process, SIGKILL) }
                usleep(10_000)
            }
        }

        private static func marked(_ variable: String) -> [pid_t] {
            guard let entries = opendir("/proc") else { return [] }
            defer { closedir(entries) }
            let wanted = Array(variable.utf8)
            var found: [pid_t] = []
            while let entry = readdir(entries) {
                let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
                guard let process = pid_t(name), process != getpid(),
                    let variables = try? LabFile.read("/proc/\(process)/environ", limit: 1 << 17)
                else { continue }
                if variables.split(separator: 0).contains(where: { $0.elementsEqual(wanted) }) { found.append(process) }
            }
            return found
        }
    }
#endif
