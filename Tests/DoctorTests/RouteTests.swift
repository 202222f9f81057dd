import Testing

@testable import Doctor

@Suite struct RouteTests {
    private let usual = """
        Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
        eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
        eth0	0001A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0

        """
    private let links: [NetworkLink] = [.sample("eth0"), .sample("tun0", .tunnel, addresses: ["10.8.0.2/24"])]

    private func judged(_ more: String, policies: [String] = []) -> [String] {
        RouteCheck.judge(.init(routes: RouteTable.ipv4(usual + more), links: links, policies: policies)).brief
    }

    @Test(.enabled(if: 1.littleEndian == 1))
    func tunnels() {
        #expect(judged("") == ["vpn.route ok"])
        #expect(judged("tun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n") == ["vpn.route ok"])
        let halves = "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
        #expect(judged(halves) == ["vpn.route warning"])
        #expect(judged("", policies: ["by a rule, everything goes by tun0"]) == ["vpn.route warning"])
        // Half of the home network, and the groups.
        #expect(judged("tun0\t0001A8C0\t00000000\t0001\t0\t0\t0\t80FFFFFF\t0\t0\t0\n") == ["vpn.neighbours problem"])
        #expect(judged("tun0\t000000E0\t00000000\t0001\t0\t0\t0\t000000F0\t0\t0\t0\n") == ["vpn.neighbours problem"])
    }

    @Test func ipv6() {
        let text = """
            00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
            20000000000000000000000000000000 03 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000003 00000000 00000001     tun0
            00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001       lo
            """
        let routes = RouteTable.ipv6(text)
        #expect(routes.map(\.interface) == ["eth0", "tun0"])
        #expect(routes.map(\.destination.description) == ["::/0", "2000::/3"])
        #expect(RouteCheck.judge(.init(routes: routes, links: links, policies: [])).brief == ["vpn.route warning"])
    }

    @Test func rules() throws {
        let lines = "default dev wg0 scope link\n10.0.0.0/8 dev wg0\ndefault via 1.2.3.4 dev eth0\n"
        #expect(
            RouteCheck.throughTunnels(lines, table: "51820", tunnels: ["wg0"])
                == ["by a rule (table 51820), everything goes by wg0"])
    }
}
