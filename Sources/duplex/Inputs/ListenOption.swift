import ArgumentParser
import Host

/// Where a command's own host takes connections.
struct ListenOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Listen on this address; port 0 means any. Without it: all addresses, "
                + "port \(ListenPreference.usualPort) or a free one.",
            valueName: "host:port"),
        transform: OptionParsing.listen)
    var listen: ListenPreference?
}
