/// What one run calls the things that it makes, so that none meets one of another run or of somebody else.
struct RunNames: Sendable, Equatable {
    /// Ten random letters and digits: nobody else has something of this name.
    let token: String

    init(token: String) {
        self.token = token
    }

    static func random() -> RunNames {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return RunNames(token: String((0..<10).map { _ in alphabet.randomElement() ?? "x" }))
    }

    /// The network namespace of the switch.
    var switchNamespace: String { "duplex-lab-\(token)-switch" }

    /// The network namespace of a host.
    func namespace(of host: Int) -> String { "duplex-lab-\(token)-\(host)" }

    /// Where the run's files are, below the folder for temporary ones.
    var folder: String { "duplex-lab-\(token)" }

    /// What marks every process of the run, in its environment.
    static let marker = "DUPLEX_LAB_RUN"

    /// 10.77.0.1 and on. They exist in the run's own namespaces alone.
    static func address(of host: Int) -> String { "10.77.\((host + 1) / 256).\((host + 1) % 256)" }

    static let prefixLength = 16
    static let port = 27272
}
