import ArgumentParser
import Lab
import Metainfo

/// `duplex lab compare`: equal links, growing numbers of receivers.
struct LabCompareCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Both ways with growing numbers of receivers on equal links.",
        discussion: """
            With --real this computer becomes the network: a switch, and for each host a namespace with a link of the \
            given rate. Everything is taken down again at the end, also after Ctrl-C.

            Examples:
              duplex lab compare
              sudo duplex lab compare --real --hosts 1,2,4 --size 32MiB --rate 20Mbit
            """)

    @Option(
        help: ArgumentHelp("Numbers of receivers. (default: 1,2,4,8,16)", valueName: "n,n,…"),
        transform: LabHostCounts.init(parsing:))
    var hosts = LabHostCounts([1, 2, 4, 8, 16])

    @Option(
        help: ArgumentHelp("Size of the file. (default: 64MiB)", valueName: "size"), transform: LabSize.init(parsing:))
    var size = LabSize(bytes: 64 << 20)

    @Option(
        help: ArgumentHelp("Rate of each host's link, each way. (default: 50Mbit)", valueName: "rate"),
        transform: LabRate.init(parsing:))
    var rate = LabRate(bits: 50_000_000)

    @OptionGroup
    var options: LabOptions

    var json: Bool { options.json }

    func validate() throws {
        let limits = LabLimits.of(options.place.place)
        let flag = "--\(options.place.rawValue)"
        for count in hosts.counts where !limits.hosts.contains(count) {
            throw ValidationError(
                "--hosts: \(flag) takes from \(limits.hosts.lowerBound) to \(limits.hosts.upperBound) receivers, "
                    + "not \(count)")
        }
        guard limits.size.contains(size.bytes) else {
            throw ValidationError(
                "--size takes from \(ByteCount.size(limits.size.lowerBound)) to "
                    + "\(ByteCount.size(limits.size.upperBound)), not \(ByteCount.size(size.bytes))")
        }
        guard limits.rate.contains(rate.bits) else {
            throw ValidationError(
                "--rate takes from \(LinkRate.text(limits.rate.lowerBound)) to "
                    + "\(LinkRate.text(limits.rate.upperBound)), not \(LinkRate.text(rate.bits))")
        }
    }

    func run() async throws {
        let scenarios = hosts.counts.map { LabScenario.equal(receivers: $0, size: size.bytes, rate: rate.bits) }
        try await LabSession.run(scenarios, options: options) { comparisons, runner in
            LabReport(
                settings: LabSettings(
                    place: options.place.place, hosts: hosts.counts, size: size.bytes, rate: rate.bits,
                    seed: options.seed, payloadRate: runner.payloadRate(ofLink: rate.bits), title: "Equal links"),
                comparisons: comparisons)
        }
    }
}
