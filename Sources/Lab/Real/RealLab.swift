#if os(Linux)
    import FoundationEssentials
    import Glibc

    /// Runs scenarios on a network of its own: a bridge, and for each host a network namespace with a shaped link and a
    /// process of this very program.
    ///
    /// All that it makes is in a ledger beforehand (see ``Ledger``) and is taken down at the end of each run, however it
    /// ends; what a lab left that was killed is taken down by the next one that starts.
    public struct RealLab: LabRunner {
        private let tools: NetworkTools
        private let seed: UInt64
        private let ledgers: String
        /// What earlier labs, ended abruptly, had left and this one took down: how many runs.
        public let leftovers: Int

        /// Looks whether a network can be built here, and takes down what earlier labs left.
        ///
        /// - Parameter seed: of the content of the files.
        public init(seed: UInt64) throws(LabFailure) {
            try self.init(seed: seed, ledgers: Ledger.usualFolder)
        }

        init(seed: UInt64, ledgers: String) throws(LabFailure) {
            guard geteuid() == 0 else { throw .needsRoot }
            tools = try .find()
            self.seed = seed
            self.ledgers = ledgers
            let left = Ledger.left(in: ledgers)
            for ledger in left { try TakeDown.run(ledger, ip: tools.ip) }
            leftovers = left.count
        }

        public func payloadRate(ofLink bitsPerSecond: Int64) -> Double {
            Double(bitsPerSecond) / 8 * TokenBucket.payloadPart
        }

        /// Looks whether this computer has room and programs for the scenario, so that nothing is begun in vain.
        public func check(_ scenario: LabScenario) throws(LabFailure) {
            try Room.check(size: scenario.size, hosts: scenario.hosts.count, folder: try temporaryFolder())
            if scenario.hosts.contains(where: { $0.program == .libtorrent }) { _ = try Libtorrent.find() }
        }

        /// Says so when the links together carry more than this computer can send and receive, so that it would be
        /// measured instead of them.
        public func doubt(_ scenario: LabScenario) -> String? {
            let rate = scenario.hosts.reduce(0) { $1.role == .receiver ? $0 + $1.link.down : $0 }
            let processors = ProcessInfo.processInfo.activeProcessorCount
            guard rate > Int64(processors) * Self.ratePerProcessor else { return nil }
            return "The links of \(scenario.receiverCount) hosts take \(LinkRate.text(rate)) together, more than the "
                + "\(processors) processors here can carry: they may be what is measured, not the links."
        }

        /// Bits a second of payload that one processor sends, receives and verifies, hosts and network together.
        private static let ratePerProcessor: Int64 = 700_000_000

        public func run(
            _ scenario: LabScenario, by model: DeliveryModel, progress: @escaping @Sendable (LabProgress) -> Void
        ) async throws -> LabRun {
            try check(scenario)
            let needsLibtorrent = scenario.hosts.contains { $0.program == .libtorrent }
            let libtorrent = needsLibtorrent ? try Libtorrent.find() : nil
            let site = try LabSite(
                names: .random(), temporary: try temporaryFolder(), tools: tools, ledgers: ledgers)
            do {
                let commands = HostCommands(
                    scenario: scenario, model: model, folder: site.folder, duplex: Self.ownPath,
                    python: libtorrent?.python)
                let recorder = try await deliver(commands, on: site, progress)
                try site.takeDown()
                return recorder.run(
                    bound: FluidBound.of(scenario, by: model, payloadRate: payloadRate(ofLink:)),
                    programs: scenario.hosts.map { $0.program == .libtorrent ? libtorrent?.name : nil }
                        .map { $0 ?? "duplex" })
            } catch {
                // What went wrong first matters more; what this leaves is in the ledger.
                try? site.takeDown()
                throw error
            }
        }

        private func deliver(
            _ commands: HostCommands, on site: LabSite, _ progress: @escaping @Sendable (LabProgress) -> Void
        ) async throws -> RunRecorder {
            try await site.build(NetworkPlan(commands.scenario, names: site.names))
            try await LabFile.write(commands.original, size: commands.scenario.size, seed: seed)
            try await makeTorrent(commands, on: site)
            let recorder = try await RealRun(site, commands, by: commands.model, report: progress).run()
            for host in commands.scenario.hosts.indices
            where commands.scenario.hosts[host].role == .receiver && recorder.finished[host] != nil {
                guard try await LabFile.isSame(commands.original, commands.received(by: host)) else {
                    throw LabFailure.differs(commands.scenario.hosts[host].name)
                }
            }
            return recorder
        }

        private func makeTorrent(_ commands: HostCommands, on site: LabSite) async throws {
            let child = try site.start(commands.duplex, commands.create, errors: "errors-create")
            while child.exitStatus == nil {
                // Read, so that it never has to wait for a reader.
                _ = child.newLines()
                try await Task.sleep(for: .milliseconds(5))
            }
            guard child.exitStatus == 0 else {
                throw LabFailure.host("making the torrent", message: child.lastError ?? "it did not say why")
            }
        }

        /// Runs this program even if its file has been replaced meanwhile.
        private static var ownPath: String { "/proc/\(getpid())/exe" }

        private func temporaryFolder() throws(LabFailure) -> String {
            let path = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
            guard let resolved = realpath(path, nil) else {
                throw .file(verb: "use", path: path, reason: ErrorText.of(errno))
            }
            defer { free(resolved) }
            let absolute = String(cString: resolved)
            guard !absolute.contains("\n") else {
                throw .file(verb: "use", path: absolute, reason: "there is a line break in its name")
            }
            return absolute == "/" ? "" : absolute
        }
    }
#endif
