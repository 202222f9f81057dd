/// The report's CSV files (RFC 4180, with the line ends of Unix). A count that never came about is an empty field.
enum ReportTables {
    /// One row a count of receivers. Times in seconds, efficiencies and shares as parts of one.
    static func results(_ comparisons: [Comparison]) -> String {
        var text =
            "hosts,clientServer,peerToPeer,clientServerBound,peerToPeerBound,clientServerEfficiency,"
            + "peerToPeerEfficiency,fasterBy,clientServerSourceCopies,peerToPeerSourceCopies,clientServerP50,"
            + "peerToPeerP50,clientServerP99,peerToPeerP99,clientServerFinished,peerToPeerFinished,fromSource,"
            + "fromReceivers,fromDedicated\n"
        for comparison in comparisons {
            let client = RunFigures(comparison.clientServer)
            let peer = RunFigures(comparison.peerToPeer)
            let fields = [
                String(comparison.receivers), number(client.duration), number(peer.duration),
                number(client.run.bound), number(peer.run.bound), number(client.efficiency), number(peer.efficiency),
                number(comparison.fasterBy), number(client.run.sourceCopies), number(peer.run.sourceCopies),
                number(client.median), number(peer.median), number(client.ninetyNine), number(peer.ninetyNine),
                String(client.finishedReceivers), String(peer.finishedReceivers),
                number(peer.fromSource), number(peer.fromReceivers), number(peer.fromDedicated),
            ]
            text += fields.joined(separator: ",") + "\n"
        }
        return text
    }

    /// One row a host, model and count of receivers. Times in seconds after the start of the run, traffic in bytes.
    static func hosts(_ comparisons: [Comparison]) -> String {
        var text = "hosts,model,name,role,program,start,finished,received,sent\n"
        for comparison in comparisons {
            for run in [comparison.clientServer, comparison.peerToPeer] {
                let figures = RunFigures(run)
                for (index, host) in run.hosts.enumerated() {
                    let fields = [
                        String(comparison.receivers), run.model.rawValue, Escaped.csv(host.name), host.role.rawValue,
                        Escaped.csv(host.program), number(host.start), number(host.finished),
                        String(figures.received[index]), String(figures.sent[index]),
                    ]
                    text += fields.joined(separator: ",") + "\n"
                }
            }
        }
        return text
    }

    private static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return Quantity.short(value, decimals: 6)
    }
}
