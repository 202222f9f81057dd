/// Why a lab cannot run, or what went wrong while it did.
public enum LabFailure: Error, Sendable, Equatable {
    /// The scenario cannot be run in this way; says why.
    case unsuitable(String)
    /// `--real` needs Linux.
    case needsLinux
    case needsRoot
    /// A program that must be in `PATH` and is not.
    case toolMissing(String)
    /// `ip` or `tc` refused; its own words are in `message`.
    case tool(command: String, message: String)
    /// The name of a network namespace that something else made.
    case nameTaken(String)
    /// Neither `python3` in `PATH` nor `/usr/bin/python3` can load libtorrent.
    case noLibtorrent
    /// Bytes.
    case noSpace(folder: String, needed: Int64, free: Int64)
    /// Bytes.
    case noMemory(needed: Int64, free: Int64)
    /// `verb` is what could not be done with the file, such as "write"; `reason` is the system's word for it.
    case file(verb: String, path: String, reason: String)
    /// A host's program said why it could not go on, or ended.
    case host(String, message: String)
    /// For so many seconds no byte arrived at these hosts, which do not have everything.
    case stalled([String], seconds: Int)
    /// What this host received is not what was sent.
    case differs(String)
}

extension LabFailure: CustomStringConvertible {
    public var what: String {
        switch self {
        case .unsuitable: "cannot run this lab"
        case .needsLinux, .needsRoot, .toolMissing, .nameTaken: "cannot build a network on this computer"
        case .tool(let command, _): "cannot build the network: '\(command)' failed"
        case .noLibtorrent: "cannot run libtorrent's hosts"
        case .noSpace(let folder, _, _): "there is no room for the hosts' files in \(folder)"
        case .noMemory: "there is no memory for so many hosts"
        case .file(let verb, let path, _): "cannot \(verb) \(path)"
        case .host(let name, _): "\(name) failed"
        case .stalled(let names, let seconds):
            "for \(seconds) seconds nothing arrived at \(names.prefix(3).joined(separator: ", "))"
                + (names.count > 3 ? " and \(names.count - 3) more" : "")
        case .differs(let name): "what \(name) received is not what was sent"
        }
    }

    public var why: String? {
        switch self {
        case .unsuitable(let reason): reason
        case .needsLinux: "network namespaces are a part of Linux"
        case .needsRoot: "only root may do that"
        case .toolMissing(let name): "the program '\(name)' was not found in PATH"
        case .tool(_, let message): message
        case .nameTaken(let name): "a network namespace with the name \(name) exists already and is not this lab's"
        case .noLibtorrent: "neither python3 in PATH nor /usr/bin/python3 has the module libtorrent"
        case .noSpace(_, let needed, let free):
            "it takes \(Self.mebibytes(needed)) and \(Self.mebibytes(free)) are free"
        case .noMemory(let needed, let free):
            "they take about \(Self.mebibytes(needed)) and \(Self.mebibytes(free)) are free"
        case .file(_, _, let reason): reason
        case .host(_, let message): message
        case .stalled, .differs: nil
        }
    }

    public var remedy: String? {
        switch self {
        case .needsLinux: "use --simulated"
        case .needsRoot: "use sudo, or --simulated, which needs no rights"
        case .toolMissing("ip"), .toolMissing("tc"):
            "install iproute2 or add /usr/sbin to PATH, or use --simulated"
        case .noLibtorrent: "install python3-libtorrent, or use --simulated"
        case .noSpace: "take a smaller --size or fewer hosts, or name another folder in TMPDIR"
        case .noMemory: "take fewer hosts, or use --simulated"
        case .nameTaken: "run the command again, which takes another name"
        default: nil
        }
    }

    public var description: String {
        [what, why, remedy].compactMap(\.self).joined(separator: ", ")
    }

    private static func mebibytes(_ bytes: Int64) -> String {
        "\((bytes + (1 << 20) - 1) >> 20) MiB"
    }
}
