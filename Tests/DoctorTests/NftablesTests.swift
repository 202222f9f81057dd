import Testing

@testable import Doctor

@Suite struct NftablesTests {
    private let policy = "closed: what no rule lets in is dropped"

    @Test func workstation() throws {
        let filter = try Rulesets.nftables("workstation")
        #expect(filter.word(Rulesets.packet(.listening)) == "open")
        #expect(filter.word(Rulesets.packet(.listening, from: "172.16.0.9/16")) == policy)
        #expect(filter.word(Rulesets.packet(.listening, from: "fe80::1/64")) == policy)
        // Only a part of the card's network is let in.
        #expect(filter.word(Rulesets.packet(.listening, from: "192.0.0.1/8")).hasPrefix("conditional: ip saddr @lan"))
        #expect(filter.word(Rulesets.packet(.mdns)) == "open")
        #expect(filter.word(Rulesets.packet(.localDiscovery)) == policy)
        #expect(filter.word(Rulesets.packet(.listening, port: 8080, from: "172.16.0.9/16")) == "open")
        #expect(
            filter.word(Rulesets.packet(.listening, port: 8080, from: "172.16.0.9/16", interface: "lan0")) == policy)
    }

    @Test func explicitDropsBeforeAnAccept() throws {
        let filter = try Rulesets.nftables("explicit")
        #expect(filter.word(Rulesets.packet(.listening)) == "closed: tcp dport 27272 reject")
        #expect(filter.word(Rulesets.packet(.listening, port: 27273)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns, from: "fe80::1/64")) == "closed: udp dport 5353 drop")
        #expect(filter.word(Rulesets.packet(.localDiscovery)) == "open")
    }

    @Test func zonesOfFirewalld() throws {
        let filter = try Rulesets.nftables("firewalld")
        #expect(filter.word(Rulesets.packet(.listening)) == "closed: reject")
        #expect(filter.word(Rulesets.packet(.listening, port: 22)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns)) == "open")
        #expect(filter.word(Rulesets.packet(.mdns, from: "fe80::1/64")) == "open")
        #expect(filter.word(Rulesets.packet(.localDiscovery)) == "closed: reject")
    }

    @Test func mapsSetsAndThingsThatCannotBeKnown() throws {
        let filter = try Rulesets.nftables("maps")
        #expect(filter.word(Rulesets.packet(.listening)) == "open")
        #expect(filter.word(Rulesets.packet(.listening, interface: "wg0")) == "closed: iifname wg0 drop")
        #expect(filter.word(Rulesets.packet(.mdns)) == "open")
        #expect(filter.word(Rulesets.packet(.listening, port: 500)) == "conditional: meta mark 1 accept")
        #expect(filter.word(Rulesets.packet(.listening, port: 2000, from: "fe80::1/64")) == "open")
        #expect(
            filter.word(Rulesets.packet(.localDiscovery, from: "10.0.0.1/8")).hasPrefix(
                "conditional: udp sport 6771 udp dport 6771 limit accept; meta mark 1 accept"))
    }

    @Test func rulesOfIptablesAreNoticed() throws {
        let ruleset = try NftablesRuleset(parsing: Rulesets.text("iptables-nft.json"))
        #expect(ruleset.iptablesFamilies == ["ip", "ip6"])
        // A condition that nft does not show decides nothing.
        #expect(ruleset.filter.word(Rulesets.packet(.listening)).hasPrefix("conditional"))
    }

    @Test(arguments: ["", "{", "[]", #"{"nftables":1}"#, #"{"nftables":[{"rule":{}}]"#, "{\"nftables\":[\"\\u12\"]}"])
    func nonsenseIsRefused(text: String) {
        #expect(throws: LookFailure.self) { try NftablesRuleset(parsing: text) }
    }

    @Test func strangeObjectsDecideNothing() throws {
        let text = """
            {"nftables":[{"chain":{"family":"inet","table":"t","name":"c","hook":"input","type":"filter","policy":"accept"}},
            {"rule":{"family":"inet","table":"t","chain":"c","expr":[{"match":{"op":"?","left":{},"right":[]}},{"drop":null}]}},
            {"rule":{"family":"inet","table":"t","chain":"c","expr":[{"jump":{"target":"c"}}]}},{"rule":{}},7]}
            """
        #expect(try NftablesRuleset(parsing: text).filter.word(Rulesets.packet(.listening)) == "open")
    }
}
