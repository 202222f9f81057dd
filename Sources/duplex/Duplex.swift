import ArgumentParser
import Host

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The command line: arguments in, text or JSON out. Everything else is in the floors below.
@main
struct Duplex: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duplex",
        abstract: "Share files directly between computers: every computer both client and server.",
        discussion: """
            On each computer:
              duplex up
            On the one that has the files:
              duplex share --public ~/Lectures
            On another:
              duplex hosts
              duplex get HOST/Lectures

            Nothing in between: the files go straight from one computer to the other, every byte is verified, and \
            BitTorrent programs and browsers can take either side. Without `duplex up`, `duplex share` prints a link \
            and serves it until Ctrl-C; `duplex get 'magnet:?…'` fetches it.
            """,
        version: DuplexVersion.text,
        subcommands: [
            UpCommand.self, ShareCommand.self, SharesCommand.self, UnshareCommand.self, GetCommand.self,
            HostsCommand.self, LsCommand.self, StatusCommand.self, EndCommand.self, PauseCommand.self,
            ResumeCommand.self, OpenCommand.self, DoctorCommand.self, CreateCommand.self, InspectCommand.self,
            LabCommand.self,
        ])

    /// Runs the command and ends the process with 0 done, 1 failed, 64 wrong usage, 130 interrupted.
    static func main() async {
        OutputStream.occupyStandardDescriptors()
        // A reader that goes away shows as a failed write instead (see OutputStream).
        signal(SIGPIPE, SIG_IGN)
        var reportsJSON = CommandLine.arguments.contains("--json")
        do {
            var command = try command(from: Array(CommandLine.arguments.dropFirst()))
            reportsJSON = (command as? any JSONReporting)?.json ?? false
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error, json: reportsJSON)
        }
        if let failure = OutputStream.failure { end(failure, json: reportsJSON) }
    }

    /// Like `parseAsRoot`, which reads an unknown option such as `-dash` letter by letter and takes the `h` in it for
    /// a call for help.
    static func command(from arguments: [String]) throws -> any ParsableCommand {
        let command = try parseAsRoot(arguments)
        let own = configuration.subcommands + LabCommand.configuration.subcommands
        let isOwn = command is Duplex || own.contains { $0 == type(of: command) }
        guard !isOwn else { return command }
        let options = arguments.prefix { $0 != "--" }
        let asksForHelp = options.contains { ["-h", "-help", "--help"].contains($0) }
        let unknown = options.first { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 }
        guard !asksForHelp, let unknown else { return command }
        throw ValidationError("Unknown option '\(unknown)'. A file of that name is ./\(unknown)")
    }

    private static func end(_ given: any Error, json: Bool) -> Never {
        var error = given
        if exitCode(for: error) == .success || error is ExitCode {
            // Help, or an end that needs no words, unless not all of the output arrived.
            let text = fullMessage(for: error)
            if !text.isEmpty { OutputStream.standardOutput.write(text + "\n") }
            guard let failure = OutputStream.failure else { exit(withError: exitCode(for: error)) }
            error = failure
        }
        let failure = error as? CommandFailure
        let status = failure?.isUsage == true ? ExitCode.validationFailure : exitCode(for: error)
        let message: String
        switch error {
        case _ where failure != nil: message = failure?.description ?? ""
        case _ where status == .validationFailure:
            let text = fullMessage(for: error)
            message = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
        default: message = String(describing: error)
        }
        let hasUsage = failure == nil && status == .validationFailure
        report(message, json: json, brief: hasUsage ? self.message(for: error) : message)
        exit(withError: status)
    }

    /// `brief` leaves out the lines on usage.
    private static func report(_ message: String, json: Bool, brief: String) {
        if json {
            let line: JSONValue = ["event": "error", "message": .string(brief)]
            OutputStream.standardOutput.write(line.text + "\n")
        }
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        let visible = lines.map { VisibleText.escaped(String($0)) }.joined(separator: "\n")
        OutputStream.standardError.write("duplex: \(visible)\n")
    }
}

/// A command with `--json`: its errors go to standard output too, as an object.
protocol JSONReporting: SendableMetatype {
    var json: Bool { get }
}
