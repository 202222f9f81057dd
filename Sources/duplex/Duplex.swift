import ArgumentParser

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
            On the computer that has the files:
              duplex share ~/Lectures
            On the other one, with the link that this prints:
              duplex get 'magnet:?…'

            Nothing in between: the files go straight from one computer to the other, every byte is verified, and \
            BitTorrent programs can take either side.
            """,
        version: "0.1.0",
        subcommands: [ShareCommand.self, GetCommand.self, CreateCommand.self, InspectCommand.self])

    /// Runs the command and ends the process with 0 done, 1 failed, 64 wrong usage, 130 interrupted.
    static func main() async {
        // A reader that goes away shows as a failed write instead (see OutputStream).
        signal(SIGPIPE, SIG_IGN)
        var reportsJSON = CommandLine.arguments.contains("--json")
        do {
            var command = try parseAsRoot()
            reportsJSON = (command as? any JSONReporting)?.json ?? false
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error, json: reportsJSON)
        }
    }

    private static func end(_ error: any Error, json: Bool) -> Never {
        let status = exitCode(for: error)
        let message: String
        switch error {
        case let failure as CommandFailure: message = failure.description
        case _ where status == .validationFailure:
            let text = fullMessage(for: error)
            message = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
        case _ where status == .success || error is ExitCode: exit(withError: error)
        default: message = String(describing: error)
        }
        report(message, json: json, brief: status == .validationFailure ? self.message(for: error) : message)
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
