@testable import Lab

/// Comparisons that were not measured but made up, by a seed, to look like measured ones.
enum ReportSamples {
    static let rate = 11_900_000.0

    static func settings(_ hosts: [Int], size: Int64 = 134_217_728, title: String = "") -> LabSettings {
        LabSettings(
            place: .simulated, hosts: hosts, size: size, rate: 100_000_000, seed: 7, payloadRate: rate, title: title)
    }

    static func comparison(_ receivers: Int, size: Int64 = 134_217_728, samples: Int = 60) -> Comparison {
        Comparison(
            receivers: receivers, clientServer: clientServer(receivers, size: size, samples: samples),
            peerToPeer: peerToPeer(receivers, size: size, samples: samples))
    }

    /// - Parameter departsAfter: seconds after which the server is gone.
    static func clientServer(
        _ receivers: Int, size: Int64, samples: Int, departsAfter: Double = .infinity
    ) -> LabRun {
        var chance = Chance(seed: 1)
        let bound = FluidBound.clientServer(size: size, receivers: receivers, sourceUp: rate, slowestDown: rate)
        var source = HostRecord(name: "source", role: .source, finished: 0)
        var hosts: [HostRecord] = []
        for index in 1...receivers {
            let time = bound * (1.015 - 0.01 * chance.part())
            let end = min(time, departsAfter)
            let got = Int64(Double(size) * end / time)
            source.servedTo[index] = got
            hosts.append(
                HostRecord(
                    name: "host-\(index)", role: .receiver, finished: time > departsAfter ? nil : time,
                    samples: line(samples, end) { (Int64(Double(got) * $0), 0) }))
        }
        let total = source.bytesSent
        source.samples = line(samples, min(bound, departsAfter)) { (0, Int64(Double(total) * $0)) }
        return LabRun(model: .clientServer, size: size, hosts: [source] + hosts, bound: bound)
    }

    static func peerToPeer(_ receivers: Int, size: Int64, samples: Int, dedicated: Bool = false) -> LabRun {
        var chance = Chance(seed: 2)
        let bound = FluidBound.peerToPeer(
            size: size, receivers: receivers, sourceUp: rate, slowestDown: rate, receiversUp: Double(receivers) * rate)
        let end = bound * (1.04 + 0.02 * Double(String(receivers, radix: 2).count))
        var hosts = [HostRecord(name: "source", role: .source, finished: 0)]
        for index in 1...receivers {
            let time = max(bound, end * (1 - 0.1 * chance.part()))
            let bend = 1 + chance.part()
            hosts.append(
                HostRecord(
                    name: "host-\(index)", role: .receiver, finished: time,
                    samples: line(samples, time) { part in
                        let bent = part * (bend * part + 1) / (bend + 1)
                        return (Int64(Double(size) * bent), 0)
                    }))
        }
        if dedicated { hosts.append(HostRecord(name: "mirror", role: .dedicated, finished: 0)) }
        serve(&hosts, receivers: receivers, size: size, &chance)
        for index in hosts.indices where hosts[index].role != .receiver {
            let total = hosts[index].bytesSent
            hosts[index].samples = line(samples, end) { (0, Int64(Double(total) * $0)) }
        }
        for index in hosts.indices where hosts[index].role == .receiver {
            let total = Double(hosts[index].bytesSent)
            for sample in hosts[index].samples.indices {
                let part = Double(hosts[index].samples[sample].received) / Double(size)
                hosts[index].samples[sample].sent = Int64(total * part)
            }
        }
        return LabRun(model: .peerToPeer, size: size, hosts: hosts, bound: bound)
    }

    /// Each receiver gets what it needs from a few of those before it in a ring, and some from the source.
    private static func serve(_ hosts: inout [HostRecord], receivers: Int, size: Int64, _ chance: inout Chance) {
        for index in 1...receivers {
            var left = size
            let first = receivers == 1 ? size : Int64(Double(size) * (1 + 0.6 * chance.part()) / Double(receivers))
            hosts[0].servedTo[index] = min(left, first)
            left -= min(left, first)
            if hosts.last?.role == .dedicated {
                hosts[hosts.count - 1].servedTo[index] = left / 3
                left -= left / 3
            }
            while left > 0 {
                var other = 1 + Int(chance.part() * Double(receivers))
                if other == index { other = other % receivers + 1 }
                let bytes = min(left, 65536 + Int64(Double(size) * 0.15 * chance.part()))
                hosts[other].servedTo[index, default: 0] += bytes
                left -= bytes
            }
        }
    }

    private static func line(
        _ count: Int, _ end: Double, _ value: (Double) -> (received: Int64, sent: Int64)
    ) -> [TrafficSample] {
        (1...count).map { step in
            let part = Double(step) / Double(count)
            let (received, sent) = value(part)
            return TrafficSample(time: end * part, received: received, sent: sent)
        }
    }

    /// SplitMix64.
    struct Chance {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func part() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53)
        }
    }
}
