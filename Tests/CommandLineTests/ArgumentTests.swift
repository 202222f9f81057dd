import ArgumentParser
import Testing

@testable import duplex

@Suite struct HostAndPortTests {
    @Test(
        arguments: [
            ("localhost:6881", "localhost", 6881), ("192.168.1.4:1", "192.168.1.4", 1), ("[::1]:65535", "::1", 65535),
            ("[fe80::1%eth0]:6881", "fe80::1%eth0", 6881),
        ] as [(String, String, UInt16)])
    func reads(text: String, host: String, port: UInt16) {
        let parsed = HostAndPort(parsing: text)
        #expect(parsed?.host == host)
        #expect(parsed?.port == port)
        #expect(parsed?.description == text)
    }

    @Test(arguments: [
        "", ":", "host", "host:", ":6881", "host:0", "host:65536", "host:-1", "host:+5", "host:1x", "::1:6881", "[::1]",
        "[::1]:", "[host]:1", "a b:1", "a\u{1B}:1", "[::1:1", "host/x:1", "höst:1",
    ])
    func refuses(text: String) {
        #expect(HostAndPort(parsing: text) == nil)
    }
}

@Suite struct UsageTests {
    @Test(arguments: [
        ["get"], ["get", "--bogus", "x"], ["get", "x", "--peer", "nowhere"], ["share"],
        ["share", "a", "b", "--torrent", "t"], ["share", "a", "--torrent", "t", "--format", "v1"],
        ["create", "a", "--piece-length", "1000"], ["create", "a", "--piece-length", "8192"],
        ["create", "a", "--piece-length", "x"], ["create", "a", "--format", "v3"],
        ["create", "a", "--tracker", "nothing"],
        ["create", "a", "--web-seed", "http://"], ["inspect"], ["inspect", "a", "b"], ["nonsense"],
        ["share", "a", "--listen", "6881x"], ["share", "-dash"], ["share", "a", "-help-me"], ["-dash"],
        ["get", "x", "--to", ""], ["create", "a", "-o", ""],
        ["create", "a", "--tracker", "ftp://a/b"], ["create", "a", "--tracker", "ws://a/b"],
        ["create", "a", "--web-seed", "udp://a:1"],
    ])
    func wrongUsageIsStatus64(arguments: [String]) {
        do {
            _ = try Duplex.command(from: arguments)
            Issue.record("accepted: \(arguments)")
        } catch {
            #expect(Duplex.exitCode(for: error).rawValue == 64)
        }
    }

    @Test(arguments: [["-h"], ["share", "--help"], ["get", "-help"], ["help", "share"], ["--version"]])
    func helpIsNoFailure(arguments: [String]) {
        do {
            var command = try Duplex.command(from: arguments)
            try command.run()
            Issue.record("not taken for a call for help: \(arguments)")
        } catch {
            #expect(Duplex.exitCode(for: error) == .success)
        }
    }

    @Test func namesBehindTheTerminatorMayBeginWithADash() throws {
        let share = try #require(try Duplex.command(from: ["share", "--", "-dash"]) as? ShareCommand)
        #expect(share.path == ["-dash"])
    }

    @Test func urlsOfEachKindAreTaken() throws {
        for scheme in ["http", "https", "udp", "HTTP"] { _ = try OptionParsing.trackerURL("\(scheme)://a:1/b") }
        for scheme in ["http", "https", "ftp"] { _ = try OptionParsing.webSeedURL("\(scheme)://a/b") }
        #expect {
            try OptionParsing.trackerURL("ftp://a")
        } throws: {
            "\($0)".contains("http://, https:// or udp://, not 'ftp://a'")
        }
    }

    @Test func starMeansAllInterfaces() throws {
        #expect(try "\(OptionParsing.listen("*:5000"))" == "\(OptionParsing.listen(":5000"))")
    }

    @Test func optionsMayBeRepeated() throws {
        let command = try Duplex.parseAsRoot([
            "get", "magnet:?xt=x", "--peer", "localhost:1", "--peer", "[::1]:2", "--select", "*.pdf", "--select",
            "a/**",
            "--seed", "--json",
        ])
        let get = try #require(command as? GetCommand)
        #expect(get.peer.map(\.description) == ["localhost:1", "[::1]:2"])
        #expect(get.select == ["*.pdf", "a/**"])
        #expect(get.seed && get.json)
        #expect(get.to == ".")
    }

    @Test func failureSaysWhatWhyAndWhatToDo() {
        let failure = CommandFailure("cannot read x", why: "it is not there", remedy: "give its name")
        #expect(failure.description == "cannot read x, it is not there, give its name")
        #expect(CommandFailure("stopped").description == "stopped")
    }
}
