import Testing

@testable import Doctor

@Suite struct IptablesTests {
    @Test func savedRules() throws {
        let filter = IptablesRuleset(parsing: try Rulesets.text("iptables.txt"), family: .ipv4).filter
        #expect(filter.word(Rulesets.packet(.listening)).hasPrefix("closed: -m comment --comment bye now -j REJECT"))
        #expect(filter.word(Rulesets.packet(.listening, port: 6885)) == "open")
        #expect(filter.word(Rulesets.packet(.listening, port: 22)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns)) == "closed: what no rule lets in is dropped")
        // Rules for IPv4 say nothing of IPv6.
        #expect(filter.word(Rulesets.packet(.listening, from: "fe80::1/64")) == "open")
    }

    @Test func options() {
        let text = """
            *filter
            :INPUT DROP [0:0]
            :lan - [0:0]
            -A INPUT ! -i lo -p tcp -m tcp --dport 1000:2000 -m comment --comment "a \\"b\\" c" -j ACCEPT
            -A INPUT -s 10.0.0.0/255.0.0.0,192.168.1.0/24 -g lan
            -A INPUT -p tcp -j ACCEPT
            -A lan ! -p udp -m recent --set -j ACCEPT
            -A lan -p udp --dport 6771: -j ACCEPT
            COMMIT
            """
        let filter = IptablesRuleset(parsing: text, family: .ipv4).filter
        #expect(filter.word(Rulesets.packet(.listening, port: 1500)) == "open")
        #expect(filter.word(Rulesets.packet(.listening)) == "conditional: ! -p udp -m recent --set -j ACCEPT")
        #expect(filter.word(Rulesets.packet(.listening, from: "172.16.0.1/16")) == "open")
        #expect(filter.word(Rulesets.packet(.localDiscovery)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns)).hasPrefix("closed"))
    }

    @Test(arguments: ["", "-A", "*", ":INPUT", "*filter\n-A INPUT -p", "*filter\n:INPUT DROP\n-A INPUT ! ! -s x -j"])
    func nonsenseDecidesNothing(text: String) {
        _ = IptablesRuleset(parsing: text, family: .ipv4).filter.word(Rulesets.packet(.listening))
    }

    @Test func firewalldZone() {
        let zone = FirewalldZone(
            parsing:
                "public (active)\n  target: default\n  services: dhcpv6-client mdns ssh\n  ports: 27000-27300/tcp\n")
        #expect(zone.services(port: 27272) == [.listening: true, .mdns: true, .localDiscovery: false])
        #expect(zone.services(port: 80)[.listening] == false)
    }
}
