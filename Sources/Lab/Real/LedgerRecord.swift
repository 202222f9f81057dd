/// What a ledger says that its run made or was about to make.
///
/// One line a thing, written before the thing is made, so that nothing is ever there that no ledger knows. What turned
/// out to be somebody else's is taken back by a line of its own.
struct LedgerRecord: Sendable, Equatable {
    enum Entry: Sendable, Equatable {
        case run(token: String)
        case folder(String)
        case namespace(String)
        /// A namespace of this name exists, but the run did not make it.
        case notOurs(String)

        var line: String {
            switch self {
            case .run(let token): "run \(token)\n"
            case .folder(let path): "folder \(path)\n"
            case .namespace(let name): "namespace \(name)\n"
            case .notOurs(let name): "not-ours \(name)\n"
            }
        }
    }

    private(set) var token: String?
    private(set) var folders: [String] = []
    private(set) var namespaces: [String] = []

    init() {}

    /// Reads a ledger. Lines that no lab writes are left out, so is a last one that was not written to its end.
    init(parsing text: String) {
        guard let end = text.lastIndex(of: "\n") else { return }
        for line in text[..<end].split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "run": add(.run(token: parts[1]))
            case "folder": add(.folder(parts[1]))
            case "namespace": add(.namespace(parts[1]))
            case "not-ours": add(.notOurs(parts[1]))
            default: continue
            }
        }
    }

    /// Only what bears the run's own name is believed: a damaged ledger must not lead to anything else.
    mutating func add(_ entry: Entry) {
        switch entry {
        case .run(let token):
            let isToken = !token.isEmpty && token.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
            if self.token == nil, isToken { self.token = token }
        case .folder(let path):
            guard let token, path.hasSuffix("/" + RunNames(token: token).folder) else { return }
            folders.append(path)
        case .namespace(let name):
            guard let token, name.hasPrefix(RunNames(token: token).folder + "-"), !name.contains("/") else { return }
            namespaces.append(name)
        case .notOurs(let name):
            namespaces.removeAll { $0 == name }
        }
    }
}
