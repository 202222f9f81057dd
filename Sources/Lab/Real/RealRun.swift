#if os(Linux)
    import Glibc

    /// One delivery: starts the hosts of a built network, listens to them, and ends when all have everything or no more
    /// can come.
    final class RealRun {
        private let site: LabSite
        private let scenario: LabScenario
        private let commands: HostCommands
        private let report: @Sendable (LabProgress) -> Void
        private var recorder: RunRecorder
        private var children: [Int: ChildProcess] = [:]
        /// Servers that say they can be fetched from.
        private var ready: Set<Int> = []
        private var departed: Set<Int> = []
        private var begin = ContinuousClock.now
        private var hasBegun = false

        /// Between two looks at what the hosts say: no time measured is more exact than this.
        private static let interval = Duration.milliseconds(5)
        /// Seconds without any arrival after which no more is expected.
        private static let patience = 60.0
        /// The same once a host is gone that others may have waited for.
        private static let patienceAfterDeparture = 20.0
        /// A server first reads the whole file to check it. Bytes a second, on a slow disk.
        private static let checkingRate = 20e6

        init(
            _ site: LabSite, _ commands: HostCommands, by model: DeliveryModel,
            report: @escaping @Sendable (LabProgress) -> Void
        ) {
            self.site = site
            self.commands = commands
            self.report = report
            scenario = commands.scenario
            recorder = RunRecorder(
                scenario, by: model, addresses: scenario.hosts.indices.map(RunNames.address(of:)))
        }

        /// - Throws: ``LabFailure``, or `CancellationError`.
        func run() async throws -> RunRecorder {
            try await startServers()
            begin = .now
            hasBegun = true
            var waiting = scenario.hosts.indices.filter { scenario.hosts[$0].role == .receiver }
            var nextReport = 0.0
            while true {
                let due = waiting.filter { scenario.hosts[$0].start <= elapsed }
                waiting.removeAll(where: due.contains)
                for host in due { try start(host) }
                try listen()
                try sendOff()
                if elapsed >= nextReport {
                    report(recorder.progress(at: elapsed))
                    nextReport = elapsed + 0.25
                }
                if try waiting.isEmpty && isOver() { break }
                try await Task.sleep(for: Self.interval)
            }
            try await hearTheLast()
            report(recorder.progress(at: elapsed))
            return recorder
        }

        private var elapsed: Double {
            let (seconds, attoseconds) = (ContinuousClock.now - begin).components
            return Double(seconds) + Double(attoseconds) / 1e18
        }

        // MARK: Steps

        private func startServers() async throws {
            let servers = scenario.hosts.indices.filter {
                scenario.hosts[$0].role != .receiver && commands.takesPart($0)
            }
            for host in servers { try start(host) }
            let limit = 30 + Double(scenario.size) / Self.checkingRate
            while ready.count < servers.count {
                try listen()
                guard elapsed < limit else {
                    throw LabFailure.stalled(servers.map { scenario.hosts[$0].name }, seconds: Int(limit))
                }
                try await Task.sleep(for: Self.interval)
            }
        }

        private func start(_ host: Int) throws {
            let command = commands.command(of: host)
            children[host] = try site.start(
                command.path, command.arguments, inside: site.names.namespace(of: host), errors: "errors-\(host)")
        }

        private func listen() throws {
            let time = elapsed
            for (host, child) in children where !departed.contains(host) {
                for line in child.newLines() {
                    guard let event = ChildEvent(line: line) else { continue }
                    if event == .sharing { ready.insert(host) }
                    if case .error(let message) = event {
                        throw LabFailure.host(scenario.hosts[host].name, message: message)
                    }
                    // What a server says before the run begins is of no time in it.
                    if hasBegun { recorder.note(event, from: host, at: time) }
                }
                if child.isSilent, let status = child.exitStatus {
                    let message = child.lastError ?? "its program ended with status \(status)"
                    throw LabFailure.host(scenario.hosts[host].name, message: message)
                }
            }
        }

        /// Hosts whose time has come leave without a word.
        private func sendOff() throws {
            for (host, child) in children where !departed.contains(host) {
                guard case .afterCopies(let copies) = scenario.hosts[host].departure,
                    Double(recorder.sent(by: host)) >= copies * Double(scenario.size)
                else { continue }
                try site.unplug(host)
                child.end()
                departed.insert(host)
            }
        }

        private func isOver() throws -> Bool {
            let unfinished = recorder.unfinished.filter { !departed.contains($0) }
            if unfinished.isEmpty { return true }
            if commands.model == .clientServer, departed.contains(0) { return true }
            let silence = elapsed - recorder.lastArrival
            if !departed.isEmpty { return silence > Self.patienceAfterDeparture }
            guard silence > Self.patience else { return false }
            throw LabFailure.stalled(unfinished.map { scenario.hosts[$0].name }, seconds: Int(Self.patience))
        }

        /// Waits until every host has told of its traffic after the last byte of it.
        private func hearTheLast() async throws {
            let (end, limit) = (elapsed, elapsed + 2)
            while elapsed < limit {
                try listen()
                let heard = children.keys.allSatisfy { departed.contains($0) || (recorder.lastReport[$0] ?? -1) > end }
                if heard { return }
                try await Task.sleep(for: Self.interval)
            }
        }
    }
#endif
