import ArgumentParser

/// `duplex lab`: client/server against peer-to-peer on the same file, measured.
struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Client/server against peer-to-peer on the same file, measured.",
        discussion: """
            Delivers a file from one host to others twice: once each of them fetches from the one server alone, once \
            they serve each other too. Prints how long both took, the least that the links allow, and where the bytes \
            came from, and writes a report for the browser.

            Examples:
              duplex lab compare --hosts 1,2,4,8,16
              sudo duplex lab compare --real --hosts 1,2,4 --size 32MiB
              duplex lab run flash-crowd
            """,
        subcommands: [LabCompareCommand.self, LabRunCommand.self, LabScenariosCommand.self])
}
