/// The report as JSON (RFC 8259): settings, scenario, and of each run its figures and hosts.
///
/// Members are always in the same order. Times are in seconds, traffic in bytes, parts between 0 and 1, and `null` is
/// what never came about. `samples` are `[time, received, sent]`; of large swarms they are thinned, and `servedTo`
/// (bytes by index into `hosts`) is left out when there are more pairs of hosts than ``mostPairs``.
enum ReportDocument {
    static let mostSamples = 40_000
    static let mostSamplesOfHost = 120
    static let mostPairs = 40_000

    static func json(_ report: LabReport) -> String {
        let document = JSONNode.object([
            ("headline", .string(report.headline)),
            ("settings", settings(report.settings)),
            ("scenario", report.scenario.map(scenario) ?? .null),
            ("comparisons", .array(report.comparisons.map(comparison))),
        ])
        return document.text() + "\n"
    }

    private static func settings(_ settings: LabSettings) -> JSONNode {
        .object([
            ("place", .string(settings.place.rawValue)),
            ("title", .string(settings.title)),
            ("hosts", .array(settings.hosts.map { .integer(Int64($0)) })),
            ("size", .integer(settings.size)),
            ("rate", .integer(settings.rate)),
            ("payloadRate", .number(settings.payloadRate)),
            ("seed", .unsigned(settings.seed)),
        ])
    }

    private static func scenario(_ scenario: LabScenario) -> JSONNode {
        .object([
            ("name", .string(scenario.name)),
            ("title", .string(scenario.title)),
            ("explanation", .string(scenario.explanation)),
            ("size", .integer(scenario.size)),
            ("hosts", .array(scenario.hosts.map(plan))),
        ])
    }

    private static func plan(_ host: HostPlan) -> JSONNode {
        let copies: JSONNode =
            switch host.departure {
            case .never: .null
            case .afterCopies(let copies): .number(copies)
            }
        return .object([
            ("name", .string(host.name)), ("role", .string(host.role.rawValue)),
            ("program", .string(host.program.rawValue)), ("up", .integer(host.link.up)),
            ("down", .integer(host.link.down)), ("delay", .number(host.link.delay)),
            ("loss", .number(host.link.loss)), ("start", .number(host.start)), ("leavesAfterCopies", copies),
        ])
    }

    private static func comparison(_ comparison: Comparison) -> JSONNode {
        .object([
            ("receivers", .integer(Int64(comparison.receivers))),
            ("fasterBy", .number(comparison.fasterBy)),
            ("clientServer", run(comparison.clientServer)),
            ("peerToPeer", run(comparison.peerToPeer)),
        ])
    }

    private static func run(_ run: LabRun) -> JSONNode {
        let figures = RunFigures(run)
        let hasPairs = run.hosts.reduce(0) { $0 + $1.servedTo.count } <= mostPairs
        let most = max(2, min(mostSamplesOfHost, mostSamples / max(1, run.hosts.count)))
        return .object([
            ("size", .integer(run.size)),
            ("duration", .number(figures.duration)),
            ("p50", .number(figures.median)),
            ("p99", .number(figures.ninetyNine)),
            ("bound", .number(run.bound)),
            ("efficiency", .number(figures.efficiency)),
            ("finishedReceivers", .integer(Int64(figures.finishedReceivers))),
            ("sourceCopies", .number(run.sourceCopies)),
            ("fromSource", .number(figures.fromSource)),
            ("fromReceivers", .number(figures.fromReceivers)),
            ("fromDedicated", .number(figures.fromDedicated)),
            (
                "hosts",
                .array(
                    run.hosts.indices.map { index in
                        host(index, of: figures, withPairs: hasPairs, mostSamples: most)
                    })
            ),
        ])
    }

    private static func host(
        _ index: Int, of figures: RunFigures, withPairs: Bool, mostSamples: Int
    ) -> JSONNode {
        let host = figures.run.hosts[index]
        var members: [(String, JSONNode)] = [
            ("name", .string(host.name)), ("role", .string(host.role.rawValue)), ("program", .string(host.program)),
            ("start", .number(host.start)), ("finished", .number(host.finished)),
            ("received", .integer(figures.received[index])), ("sent", .integer(figures.sent[index])),
        ]
        if withPairs {
            let pairs = host.servedTo.sorted { $0.key < $1.key }
            members.append(("servedTo", .object(pairs.map { (String($0.key), .integer($0.value)) })))
        }
        let samples = host.samples.thinned(to: mostSamples)
        let rows = samples.map { JSONNode.array([.number($0.time), .integer($0.received), .integer($0.sent)]) }
        members.append(("samples", .array(rows)))
        return .object(members)
    }
}

extension Array {
    /// At most so many elements, evenly chosen, the first and the last among them.
    func thinned(to most: Int) -> [Element] {
        guard count > most, most > 1 else { return self }
        return (0..<most).map { self[$0 * (count - 1) / (most - 1)] }
    }
}
