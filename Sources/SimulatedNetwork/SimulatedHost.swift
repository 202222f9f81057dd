import Metainfo
import PeerWire
import SwarmEngine

/// A computer of a simulation: its link, its fake disk, and one real engine for each torrent.
final class SimulatedHost {
    let number: Int32
    let address: PeerAddress
    let profile: HostProfile
    var slots: [TorrentSlot] = []

    var isOnline = false
    var isAsleep = false
    /// Whether its next tick is in the queue.
    var isTicking = false
    /// Gone without a word: packets to it vanish.
    var isMute = false
    /// What happened to it while it was asleep.
    var missed: [Happening] = []

    // The way up: one segment after the other, flows in turn.
    var round = FirstInFirstOut<Int32>()
    var sending: Int32?
    /// Payload bytes that came down the link, whatever they were.
    var carriedDown: Int64 = 0
    /// Payload bytes of streams.
    var streamed = (received: Int64(0), sent: Int64(0))
    /// Keys of its open connections in the order in which they were made.
    var connections: [Int32] = []
    /// Keys of connections that it lost in a crash: whoever still takes one for open hears of its end when it is back.
    var forgotten: [Int32] = []

    init(number: Int32, profile: HostProfile) {
        self.number = number
        self.profile = profile
        address = PeerAddress(ipv4: 0x0A00_0001 + UInt32(number), port: 6881)
    }
}

/// One torrent at one host.
final class TorrentSlot {
    let torrent: Int
    var engine: SwarmEngine
    let peerID: PeerID
    /// Verified pieces: what a fake disk keeps when its host is switched off.
    var onDisk: PieceSet
    /// Blocks of each piece that have been written.
    var written: [UInt16]
    /// Blocks that were written wrong; most hosts never meet one.
    var bad: [PieceIndex: Set<Int>] = [:]
    var isAnnouncementDue = false
    var isDiskFull = false
    /// Addresses that this host is told at its start.
    var peers: [PeerAddress] = []
    var startedAt: Instant?
    var completedAt: Instant?
    /// Payload bytes of blocks.
    var received: Int64 = 0
    var sent: Int64 = 0
    var failedPieces = 0

    init(torrent: Int, engine: SwarmEngine, peerID: PeerID, onDisk: PieceSet) {
        self.torrent = torrent
        self.engine = engine
        self.peerID = peerID
        self.onDisk = onDisk
        written = [UInt16](repeating: 0, count: onDisk.capacity)
    }
}

/// What kind of computer a host is.
public struct HostProfile: Sendable {
    public var link: LinkProfile
    public var configuration = SwarmConfiguration()
    public var behaviour = HostBehaviour.honest
    /// Bytes a second that its disk writes and hashes.
    public var diskRate = 400e6

    public init(link: LinkProfile, behaviour: HostBehaviour = .honest) {
        self.link = link
        self.behaviour = behaviour
    }
}

/// How a host treats the others.
public enum HostBehaviour: Sendable, Equatable {
    case honest
    /// Of the blocks that it sends, so many in a hundred are wrong.
    case corrupting(percent: Int)
    /// Takes requests and never answers.
    case silent
    /// Says that it has everything, has nothing, and answers no request.
    case boasting
    /// Sends all others so many messages at each of its ticks, mostly nonsense.
    case flooding(messages: Int)
    /// Knows nothing of what only Duplex does: takes no suggestions (as most programs do), keeps long queues.
    case foreign
}
