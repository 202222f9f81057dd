import ArgumentParser
import Doctor
import Host
import Storage

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// `duplex doctor`: what keeps Duplex from working on this computer.
struct DoctorCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out why other computers are not found or cannot fetch, and what to do.",
        discussion: """
            Looks at the network, the firewall, the port, the clock and the disk of this computer, and changes nothing. \
            As the administrator it sees more: only then can the firewall's rules be read.

            Example:
              sudo duplex doctor
            """)

    @Option(
        help: ArgumentHelp(
            "The address that Duplex is started with. Without it: all addresses, port \(ListenPreference.usualPort).",
            valueName: "host:port"),
        transform: OptionParsing.listen)
    var listen: ListenPreference = .automatic

    @Option(help: ArgumentHelp("Look at this folder for Duplex's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let findings = await Diagnosis.examine(try await input())
        for finding in findings { console.emit(DoctorText.json(finding)) }
        for line in DoctorText.lines(findings, terminal: console.resultTerminal) { console.say(line) }
        if findings.contains(where: { $0.severity == .problem }) { throw ExitCode(1) }
    }

    private func input() async throws -> DoctorInput {
        let path: String
        do {
            path = try StateDirectory.resolve(option: state) { name in getenv(name).map { String(cString: $0) } }
        } catch {
            throw CommandFailure("cannot tell where Duplex keeps its state", because: error, remedy: "use --state DIR")
        }
        // A host that runs knows more: where it listens, who answers, other hosts' clocks.
        if FolderPath.isFolder(path), let state = try? StateDirectory(path: path),
            let control = await HostControl.running(with: state),
            let facts = try? await control.get(DoctorFacts.self, "/doctor/facts")
        {
            return DoctorInput(facts, statePath: path, downloadPath: ".")
        }
        // Downloads of `get` go to the current folder.
        switch listen {
        case .automatic:
            return DoctorInput(listenPort: ListenPreference.usualPort, statePath: path, downloadPath: ".")
        case .address(_, let port):
            return DoctorInput(listenPort: port, portIsFixed: port != 0, statePath: path, downloadPath: ".")
        }
    }
}
