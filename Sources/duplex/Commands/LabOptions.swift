import ArgumentParser
import Lab

/// Where a lab runs.
enum LabPlace: String, EnumerableFlag {
    case real
    case simulated

    var place: LabSettings.Place { self == .real ? .real : .simulated }

    static func help(for value: LabPlace) -> ArgumentHelp? {
        switch value {
        case .real: "Run the program itself, on a network that is built for it of namespaces (Linux, root)."
        case .simulated: "Run its engine under virtual time, anywhere."
        }
    }
}

/// What all commands that run a lab take.
struct LabOptions: ParsableArguments {
    @Flag(exclusivity: .exclusive)
    var place: LabPlace = .simulated

    @Option(help: ArgumentHelp("For everything that is left to chance; the same number, the same run.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Write the report into this folder (made if missing).", valueName: "dir"))
    var out = "./lab-report"

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        if out.isEmpty { throw ValidationError("--out takes a folder; '.' is the current one") }
    }
}

/// A list of counts of receivers, as one option.
struct LabHostCounts: Sendable, Equatable, CustomStringConvertible {
    let counts: [Int]

    init(_ counts: [Int]) {
        self.counts = counts
    }

    init(parsing text: String) throws {
        guard let counts = HostCounts.parse(text) else {
            throw ValidationError("--hosts takes different counts of receivers, such as 1,2,4,8, not '\(text)'")
        }
        self.init(counts)
    }

    var description: String { counts.map(String.init).joined(separator: ",") }
}

/// Bytes, as an option.
struct LabSize: Sendable, Equatable, CustomStringConvertible {
    let bytes: Int64

    init(bytes: Int64) {
        self.bytes = bytes
    }

    init(parsing text: String) throws {
        guard let bytes = ByteSize.parse(text) else {
            throw ValidationError("--size takes a size such as 64MiB, 100MB or 1048576, not '\(text)'")
        }
        self.bytes = bytes
    }

    var description: String { bytes.isMultiple(of: 1 << 20) ? "\(bytes >> 20)MiB" : String(bytes) }
}

/// Bits a second, as an option.
struct LabRate: Sendable, Equatable, CustomStringConvertible {
    let bits: Int64

    init(bits: Int64) {
        self.bits = bits
    }

    init(parsing text: String) throws {
        guard let bits = LinkRate.parse(text) else {
            throw ValidationError(
                "--rate takes bits a second such as 50Mbit, 1Gbit, 800kbit or 1000000, not '\(text)'")
        }
        self.bits = bits
    }

    var description: String { bits.isMultiple(of: 1_000_000) ? "\(bits / 1_000_000)Mbit" : String(bits) }
}
