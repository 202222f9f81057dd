import Storage

/// The folder where Duplex keeps its state, of which a user may never have heard: what goes wrong there is explained.
enum StateFolder {
    /// Opens the folder of `--state`, or else the usual one.
    static func open(option: String?) throws(CommandFailure) -> StateDirectory {
        do {
            return try StateDirectory.open(option: option)
        } catch {
            throw CommandFailure(
                "cannot use \(error.path), the folder where Duplex keeps its state", why: reason(error),
                remedy: "name another one with --state DIR")
        }
    }

    /// The error; if it is about a file in the state folder, with words that say so.
    static func explained(_ error: any Error, in state: StateDirectory) -> any Error {
        let message = "\(error)"
        guard message.contains(state.path + "/transfers") || message.contains(state.path + "/shares") else {
            return error
        }
        return CommandFailure("\(message). Duplex keeps its state in that folder; --state DIR names another one")
    }

    private static func reason(_ error: StorageError) -> String {
        switch error.kind {
        case .notPermitted: "permission denied"
        case .diskFull: "the disk is full"
        case .readOnly: "the file system is read-only"
        case .missing: "it cannot be made there"
        case .occupied, .unsafePath: "something that is no folder is in the way"
        case .invalid(let reason): reason
        default: error.description
        }
    }
}
