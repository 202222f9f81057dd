#if os(Linux)
    import FoundationEssentials
    import Glibc

    /// What one run has on this computer: a network, a folder, processes, and the ledger of it all.
    final class LabSite {
        let names: RunNames
        /// Where the run's files are.
        let folder: String
        private let ledger: Ledger
        private let tools: NetworkTools
        private var children: [ChildProcess] = []

        /// Makes the folder. The network comes with ``build(_:)``.
        ///
        /// - Parameter temporary: the folder in which the run's own is made.
        init(names: RunNames, temporary: String, tools: NetworkTools, ledgers: String) throws(LabFailure) {
            self.names = names
            self.tools = tools
            folder = "\(temporary)/\(names.folder)"
            ledger = try Ledger(names, in: ledgers)
            do throws(LabFailure) {
                try ledger.note(.folder(folder))
                guard mkdir(folder, 0o700) == 0 else {
                    throw LabFailure.file(verb: "make", path: folder, reason: ErrorText.of(errno))
                }
            } catch {
                ledger.remove()
                throw error
            }
        }

        /// - Throws: ``LabFailure``, or `CancellationError`.
        func build(_ plan: NetworkPlan) async throws {
            for name in plan.namespaces where access("/run/netns/\(name)", F_OK) == 0 {
                throw LabFailure.nameTaken(name)
            }
            for call in plan.calls {
                try Task.checkCancellation()
                await Task.yield()
                guard let name = call.makes else {
                    try tools.run(call)
                    continue
                }
                try ledger.note(.namespace(name))
                do {
                    try tools.run(call)
                } catch LabFailure.nameTaken {
                    // Somebody made it since we looked.
                    try ledger.note(.notOurs(name))
                    throw LabFailure.nameTaken(name)
                }
            }
        }

        /// Starts a program, in a host's namespace if one is given, that ends with the site.
        ///
        /// - Parameter errors: name of the file in the run's folder for what it says on standard error.
        func start(
            _ path: String, _ arguments: [String], inside namespace: String? = nil, errors: String
        ) throws(LabFailure) -> ChildProcess {
            var environment = ProcessInfo.processInfo.environment
            environment[RunNames.marker] = names.token
            environment["HOME"] = folder
            let command = namespace.map { [tools.ip.path, "netns", "exec", $0, path] } ?? [path]
            let child = try ChildProcess(
                command[0], command.dropFirst() + arguments, environment: environment,
                errorsPath: "\(folder)/\(errors)")
            children.append(child)
            return child
        }

        /// Pulls the plug of a host: it can no longer even say that it goes.
        func unplug(_ host: Int) throws(LabFailure) {
            try tools.run(
                .init(tool: .ip, arguments: ["-n", names.namespace(of: host), "link", "set", "eth0", "down"]))
        }

        /// Ends all processes and removes everything that was made.
        func takeDown() throws(LabFailure) {
            for child in children { child.end() }
            children = []
            try TakeDown.run(ledger, ip: tools.ip)
        }
    }
#endif
