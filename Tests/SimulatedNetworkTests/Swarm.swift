import Metainfo
import SwarmEngine

@testable import SimulatedNetwork

/// What a test wants simulated: one source that has everything, and receivers that have nothing.
struct SwarmPlan {
    var seed: UInt64 = 1
    var receivers = 16
    var size: Int64 = 4 << 20
    var pieceLength: Int?
    var format = TorrentFormat.v1
    /// Torrents of that size, all at the source and wanted by every receiver.
    var torrents = 1
    var link = LinkProfile(up: 100e6, down: 100e6)
    /// The source's link; nil for the same as the receivers'.
    var sourceLink: LinkProfile?
    /// Receivers with another link, and receivers that do not behave.
    var links: [Int: LinkProfile] = [:]
    var behaviours: [Int: HostBehaviour] = [:]
    /// When a receiver starts, in seconds; the others at once.
    var starts: [Int: Double] = [:]
    /// Receivers that each is told of, those before it, besides the source.
    var acquaintances = 20
    /// How far the hosts' clocks may be apart.
    var window = TimeSpan.zero
    var configure: (inout SwarmConfiguration) -> Void = { _ in }
}

/// A simulated swarm and what came of it. Times are virtual seconds.
final class Swarm {
    let plan: SwarmPlan
    let network: SimulatedNetwork
    let source: HostNumber
    let receivers: [HostNumber]
    let torrents: [TorrentNumber]

    init(_ plan: SwarmPlan) throws {
        self.plan = plan
        let network = SimulatedNetwork(seed: plan.seed, window: plan.window)
        self.network = network
        torrents = try (0..<plan.torrents).map { number in
            let torrent = try SimulatedTorrent(
                size: plan.size, pieceLength: plan.pieceLength, format: plan.format, number: number)
            return network.add(torrent)
        }
        func add(_ link: LinkProfile, _ behaviour: HostBehaviour) -> HostNumber {
            var profile = HostProfile(link: link, behaviour: behaviour)
            // As the host that ships has it.
            profile.configuration.announceDelay = SwarmConfiguration.usualAnnounceDelay
            plan.configure(&profile.configuration)
            return network.add(profile)
        }
        let source = add(plan.sourceLink ?? plan.link, .honest)
        let receivers = (0..<plan.receivers).map { number in
            add(plan.links[number] ?? plan.link, plan.behaviours[number] ?? .honest)
        }
        (self.source, self.receivers) = (source, receivers)
        for torrent in torrents {
            network.give(torrent, to: source, have: nil, peers: [])
            let none = PieceSet(capacity: network.torrents[torrent.index].pieceCount)
            for (number, host) in receivers.enumerated() {
                let peers = (1...max(plan.acquaintances, 1)).map { number - $0 }.filter { $0 >= 0 }
                let others = plan.acquaintances > 0 ? peers.map { receivers[$0] } : []
                network.give(torrent, to: host, have: none, peers: [source] + others)
            }
        }
        network.start(source, at: .zero)
        for (number, host) in receivers.enumerated() {
            network.start(host, at: .seconds(plan.starts[number] ?? 0))
        }
    }

    /// The receivers that behave.
    var honest: [HostNumber] { receivers.indices.filter { plan.behaviours[$0] == nil }.map { receivers[$0] } }

    /// Runs until these hosts (nil for all that behave) have everything.
    @discardableResult
    func run(seconds: Double, of hosts: [HostNumber]? = nil) -> Bool {
        let hosts = hosts ?? honest
        return network.run(until: .seconds(seconds)) { hosts.allSatisfy(isComplete) }
    }

    func isComplete(_ host: HostNumber) -> Bool { completion(host) != nil }

    /// When a host had all torrents.
    func completion(_ host: HostNumber) -> Double? {
        var last = 0.0
        for torrent in torrents {
            guard let time = network.completion(of: torrent, at: host) else { return nil }
            last = max(last, time.inSeconds)
        }
        return last
    }

    /// When the last of the receivers that behave had everything.
    var finish: Double { honest.map { completion($0) ?? .infinity }.max() ?? .infinity }

    /// How much of a torrent a host has, 0...1.
    func progress(_ host: HostNumber, _ torrent: Int = 0) -> Double {
        let slot = network.hosts[host.index].slots[torrent]
        return Double(slot.onDisk.count) / Double(slot.onDisk.capacity)
    }

    /// Pieces of the first torrent that receivers have, counted once.
    var piecesOut: Int {
        let sets = receivers.map { network.hosts[$0.index].slots[0].onDisk }
        return (0..<(sets.first?.capacity ?? 0)).count { piece in sets.contains { $0.contains(PieceIndex(piece)) } }
    }

    func isConnected(_ host: HostNumber, to other: HostNumber) -> Bool {
        network.hosts[host.index].connections.contains { Int(network.flows[Int($0 ^ 1)].host) == other.index }
    }

    /// Payload bytes that came to receivers beyond what they have, as part of what they have.
    var waste: Double {
        let got = receivers.reduce(0.0) { $0 + Double(network.traffic(at: $1).received) }
        let have = receivers.reduce(0.0) { sum, host in
            sum + torrents.indices.reduce(0.0) { $0 + progress(host, $1) } * Double(plan.size)
        }
        return have > 0 ? got / have - 1 : 0
    }

    /// Does something at a virtual second.
    func at(_ seconds: Double, _ body: @escaping () -> Void) { network.schedule(at: .seconds(seconds), body) }

    /// The least time that the links allow when data flows like water, for receivers that behave:
    /// `max(F/u_s, F/d_min, N·F/(u_s+Σu))`.
    var fluidBound: Double {
        let all = Double(plan.size) * Double(plan.torrents)
        let links = receivers.indices.filter { plan.behaviours[$0] == nil }.map { plan.links[$0] ?? plan.link }
        let (up, down) = (links.reduce(0) { $0 + $1.up }, links.map(\.down).min() ?? 1)
        let sourceUp = (plan.sourceLink ?? plan.link).up
        let bits = max(all / sourceUp, all / down, all * Double(links.count) / (sourceUp + up)) * 8
        return bits / LinkProfile.payloadShare
    }
}

extension Instant {
    static func seconds(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }
    var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
