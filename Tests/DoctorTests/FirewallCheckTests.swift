import Testing

@testable import Doctor

@Suite struct FirewallCheckTests {
    private let link = NetworkLink(
        name: "eth0", kind: .wired, isUp: true, hasCarrier: true, canMulticast: true,
        addresses: [IPPrefix("192.168.1.7/24"), IPPrefix("fe80::7/64")].compactMap(\.self))

    private func judged(_ filter: PacketFilter?, manager: FirewallFacts.Manager? = nil) -> [Finding] {
        FirewallCheck.judge(FirewallFacts(filter: filter, manager: manager, links: [link]), listenPort: 27272)
    }

    @Test func oneOfTwoFamiliesIsBlocked() throws {
        let findings = judged(try Rulesets.nftables("workstation"))
        #expect(findings.map(\.id) == ["firewall.port", "firewall.mdns", "firewall.local-discovery"])
        #expect(findings.map(\.severity) == [.problem, .ok, .warning])
        #expect(findings[0].evidence.count == 1 && findings[0].evidence[0].hasPrefix("eth0, IPv6: table inet filter"))
        #expect(findings[0].remedy?.hasPrefix("sudo nft insert rule inet filter input tcp dport 27272 accept") == true)
    }

    @Test func theRemedyIsOfTheProgramThatKeepsTheRules() throws {
        let iptables = IptablesRuleset(parsing: try Rulesets.text("iptables.txt"), family: .ipv4).filter
        #expect(judged(iptables)[0].remedy == "sudo iptables -I INPUT -p tcp --dport 27272 -j ACCEPT")
        #expect(judged(iptables, manager: .ufw)[0].remedy == "sudo ufw allow 27272/tcp")
        let zones = try Rulesets.nftables("firewalld")
        #expect(judged(zones, manager: .firewalld)[2].remedy?.contains("--add-port=6771/udp") == true)
    }

    @Test func noRulesNoProblem() {
        #expect(judged(PacketFilter()).allSatisfy { $0.severity == .ok })
    }

    @Test func withoutTheRightsItSaysSo() async throws {
        var system = SystemAccess()
        system.isRoot = false
        system.etc = "/nowhere"
        system.addresses = { () throws(LookFailure) in [:] }
        system.run = { (_, _) throws(LookFailure) in nil }
        let findings = try FirewallCheck(listenPort: 27272, system: system).findings()
        #expect(findings.map(\.id) == ["firewall.unseen"])
        #expect(findings[0].remedy == "sudo duplex doctor" && findings[0].severity == .note)
    }

    @Test func rulesOfIptablesAreReadWithItsOwnProgram() async throws {
        let (json, four, six) = (
            try Rulesets.text("iptables-nft.json"), try Rulesets.text("iptables.txt"),
            try Rulesets.text("ip6tables.txt")
        )
        var system = SystemAccess()
        system.isRoot = true
        system.etc = "/nowhere"
        system.proc = "/nowhere"
        system.addresses = { () throws(LookFailure) in [:] }
        system.run = { (name, _) throws(LookFailure) in
            let texts = ["nft": json, "iptables-save": four, "ip6tables-save": six]
            return texts[name].map { ToolResult(status: 0, output: $0, errors: "") }
        }
        let facts = try FirewallReader(system: system).read()
        let filter = try #require(facts.filter)
        #expect(filter.word(Rulesets.packet(.listening)).hasPrefix("closed"))
        #expect(filter.tables.allSatisfy { $0.origin == .iptables })
        #expect(facts.manager == .ufw)
        system.run = { (_, _) throws(LookFailure) in ToolResult(status: 1, output: "", errors: "no\nsuch thing") }
        let failing = FirewallReader(system: system)
        #expect(throws: LookFailure("nft says: no")) { try failing.read() }
    }
}
