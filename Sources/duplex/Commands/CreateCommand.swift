import ArgumentParser
import Metainfo
import Storage

/// `duplex create`: makes a .torrent file of a file or folder.
struct CreateCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a .torrent file of a file or folder.",
        discussion: """
            Equal files and options give equal info-hashes on every computer. What nobody means to share \
            (.DS_Store, unfinished downloads, …) is left out and named, and so is what may not be read.

            Example:
              duplex create ~/Lectures -o lectures.torrent --tracker http://192.168.1.4:6969/announce
            """)

    @Argument(help: "The file or folder.")
    var path: String

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("Write this file. Without it: NAME.torrent in the current folder.", valueName: "file"))
    var output: String?

    @Option(help: "hybrid is for every program that reads v1 or v2; v1 for old ones.")
    var format: TorrentFormat = .hybrid

    @Option(
        help: ArgumentHelp("Bytes in a piece, a power of two. Without it: chosen by the size.", valueName: "bytes"),
        transform: OptionParsing.pieceLength)
    var pieceLength: Int?

    @Option(
        help: ArgumentHelp("A tracker that knows peers; may be repeated.", valueName: "url"),
        transform: OptionParsing.trackerURL)
    var tracker: [String] = []

    @Option(
        help: ArgumentHelp("A web server that has the files; may be repeated.", valueName: "url"),
        transform: OptionParsing.webSeedURL)
    var webSeed: [String] = []

    @Flag(
        name: .customLong("private"),
        help: "Programs that fetch it tell each other of nobody; they ask only whom a tracker or the user names.")
    var isPrivate = false

    @Flag(help: "Replace the .torrent file if it exists.")
    var force = false

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func validate() throws {
        if output == "" { throw ValidationError("--output takes the name of a file") }
    }

    func run() async throws {
        let console = Console(json: json)
        if let expected = output ?? expectedName { try refuseExisting(expected) }
        let options = CreationOptions(
            format: format, pieceLength: pieceLength, trackers: tracker.map { [$0] }, webSeeds: webSeed,
            isPrivate: isPrivate)
        let (path, pool, clock) = (path, DiskPool(), ContinuousClock())
        let start = clock.now
        let created = try await HashingProgress.run(console: console, title: path, interrupts: nil) { report in
            try await TorrentCreator.create(path: path, options: options, pool: pool, progress: report)
        }
        let seconds = (clock.now - start).inSeconds

        let destination = output ?? created.torrent.info.name + ".torrent"
        do {
            try SmallFile.write(created.torrent.encoded(), to: destination, replacing: force)
        } catch .exists {
            throw Self.exists(destination)
        } catch {
            throw CommandFailure(
                "cannot write \(destination)", because: error, remedy: "name another file with -o")
        }
        let summary = CreationSummary(created: created, destination: destination, seconds: seconds)
        console.emit(summary.json)
        for line in summary.lines(terminal: console.resultTerminal) { console.say(line) }
        OmissionText.remark(created.omitted, of: created.rootName, on: console)
    }

    /// What the file will be called, unless PATH cannot be used anyway.
    private var expectedName: String? {
        guard let name = FolderPath.absolute(path)?.split(separator: "/").last else { return nil }
        return name + ".torrent"
    }

    /// Better now than after minutes of hashing.
    private func refuseExisting(_ destination: String) throws {
        if let obstacle = FolderPath.obstacle(destination) {
            throw CommandFailure("cannot write \(destination)", why: obstacle, remedy: "name another file with -o")
        }
        if !force, FolderPath.exists(destination) { throw Self.exists(destination) }
    }

    private static func exists(_ destination: String) -> CommandFailure {
        CommandFailure(
            "cannot write \(destination)", why: "it already exists",
            remedy: "name another file with -o, or replace it with --force")
    }
}
