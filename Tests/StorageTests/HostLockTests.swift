import Testing

@testable import Storage

@Suite("A state folder belongs to one host at a time")
struct HostLockTests {
    let scratch: ScratchFolder
    let state: StateDirectory

    init() throws {
        scratch = try ScratchFolder()
        state = try StateDirectory(path: scratch.path + "/state")
    }

    @Test("A second host is refused, with words that help, until the first has gone")
    func taken() throws {
        var first: HostLock? = try HostLock(state)
        let error = #expect(throws: HostLock.LockError.taken(path: state.path)) { try HostLock(state) }
        #expect(error?.description.contains("--state DIR") == true)
        #expect(error?.description.contains(state.path) == true)
        _ = first
        first = nil
        _ = try HostLock(state)
        #expect(scratch.mode("state/lock") == 0o600)
    }

    @Test("The format is written once, and read with or without its line end")
    func format() throws {
        do { _ = try HostLock(state) }
        #expect(scratch.read("state/format") == Array("1\n".utf8))
        try scratch.write(Array("1".utf8), to: "state/format")
        _ = try HostLock(state)
        #expect(scratch.read("state/format") == Array("1".utf8))
    }

    @Test("State of a later version is left alone, and the lock is free again")
    func newer() throws {
        try scratch.write(Array("2\n".utf8), to: "state/format")
        #expect(throws: HostLock.LockError.newer(path: state.path, format: 2)) { try HostLock(state) }
        #expect(scratch.read("state/format") == Array("2\n".utf8))
        try scratch.write(Array("1\n".utf8), to: "state/format")
        _ = try HostLock(state)
    }

    @Test(
        "A damaged format is not guessed at and not written over",
        arguments: [
            "", "\n", "one", "0", "-1", "1.5", "99999999999999999999999", "1 and more",
            String(repeating: "1", count: 65),
            String(repeating: " ", count: 5000),
        ])
    func damaged(_ text: String) throws {
        try scratch.write(Array(text.utf8), to: "state/format")
        let error = #expect(throws: HostLock.LockError.damaged(path: state.path)) { try HostLock(state) }
        #expect(error?.description.contains("damaged") == true)
        #expect(scratch.read("state/format") == Array(text.utf8))
    }

    @Test("A link in place of the lock is not followed")
    func link() throws {
        try scratch.write([], to: "elsewhere")
        try makeLink(at: state.path + "/lock", to: scratch.path + "/elsewhere")
        #expect(throws: HostLock.LockError.self) { try HostLock(state) }
    }
}

@Suite("The socket of a host")
struct ControlSocketTests {
    @Test("It is in the state folder, or elsewhere if that has too long a path")
    func place() throws {
        let scratch = try ScratchFolder()
        let near = try StateDirectory(path: scratch.path + "/state")
        #expect(near.controlSocket == near.path + "/control.sock")
        let deep = scratch.path + "/" + String(repeating: "a", count: 100)
        let (one, other) = (try StateDirectory(path: deep + "/one"), try StateDirectory(path: deep + "/other"))
        #expect(one.controlSocket.hasPrefix("/tmp/duplex-"))
        #expect(one.controlSocket.utf8.count <= 100)
        #expect(one.controlSocket != other.controlSocket)
        #expect(try StateDirectory(path: deep + "/one").controlSocket == one.controlSocket)
        try one.prepareControlSocket()
        try near.prepareControlSocket()
        // What is not there can be removed.
        one.removeControlSocket()
        near.removeControlSocket()
    }
}
