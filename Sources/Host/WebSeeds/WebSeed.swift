import Metainfo
import NIOCore
import PeerWire
import SwarmEngine
import Transport
import WebWire

/// One web seed: the engine's requests become ranges, what the server answers becomes blocks (BEP 19).
///
/// A single connection, opened when something is asked for, with one request after another on it. A server without
/// ranges is read through: its answer stays open as long as what is asked for lies ahead. Whatever goes wrong, the seed
/// leaves the engine, and so its blocks are asked of others; it is back after a while.
final class WebSeed {
    let url: WebSeedURL
    let info: TorrentInfo
    weak var driver: TransferDriver?
    let eventLoop: any EventLoop

    /// Its name in the engine; nil while it is away.
    var key: PeerKey?
    /// The server's address; unspecified until it is known.
    var address: PeerAddress
    /// Storage has to catch up.
    var isStorageBusy = false { didSet { updateReading() } }

    // What is asked for.
    var waiting: [BlockRequest] = []
    var run: SeedRun?
    /// For the engine, with the blocks that some of it names.
    var inputs: [PeerInput] = []
    var blocks: [ByteBuffer] = []

    // The connection.
    var link: HTTPSourceLink?
    /// The server that it leads to.
    var server: HTTPURL?
    var state = State.idle
    /// Where files are by now whose addresses lead elsewhere.
    var moved: [FileIndex: HTTPURL] = [:]
    var origin = OriginKind()
    var redirects = 0
    /// Nothing has come on this connection since it was opened or used before: a server may have closed it meanwhile.
    var isUsed = false

    // Judgement.
    var lost: Set<FileIndex> = []
    var failures = 0
    var hasGiven = false
    private var notBefore = NIODeadline.uptimeNanoseconds(0)
    private var isOver = false
    private var told: Set<String> = []
    /// Bytes that came only because the server knows no ranges.
    var discarded: Int64 = 0
    /// When something of use came last, and how much came since.
    private var progressAt = NIODeadline.now()
    private var progressBytes = 0
    private var isScheduled = false

    enum State {
        case idle
        case connecting
        case asked(FileIndex, Range<Int64>)
        case answering(Answer)
    }

    /// A body as it comes.
    struct Answer {
        let file: FileIndex
        /// Offset in the file of what comes next; bytes in `unread` come first.
        var position: Int64
        var end: Int64?
        var unread = ByteBuffer()

        /// Offset in the file behind all that has come.
        var begun: Int64 { position + Int64(unread.readableBytes) }
        var isRead: Bool { end.map { position >= $0 } ?? false }
    }

    /// A server that sends less than a block in so long is of no use. Shorter than the engine's own patience.
    static let patience = TimeAmount.seconds(15)
    private static let idleTime = TimeAmount.seconds(30)
    private static let longestWait: Int64 = 300
    /// Seconds until a server that has nothing of the torrent is asked again; a failure of the torrent's, not of the
    /// network's.
    static let longAbsence: Int64 = 600
    private static let absenceAfterDrop: Int64 = 30

    init(_ url: WebSeedURL, info: TorrentInfo, driver: TransferDriver) {
        self.url = url
        self.info = info
        self.driver = driver
        eventLoop = driver.core.eventLoop
        let host = url.base.host.contains(":") ? "[\(url.base.host)]" : url.base.host
        address = PeerAddress(parsing: "\(host):\(url.base.port)") ?? PeerAddress(ipv4: 0, port: url.base.port)
    }

    var mayJoin: Bool { key == nil && !isOver && notBefore <= .now() }

    // MARK: What the engine asks

    func take(_ message: PeerMessage) {
        switch message {
        case .request(let request):
            if waiting.isEmpty, run == nil { progressAt = .now() }
            waiting.append(request)
            schedule()
        case .cancel(let request): cancel(request)
        default: break
        }
    }

    private func cancel(_ request: BlockRequest) {
        if let index = waiting.firstIndex(of: request) {
            waiting.remove(at: index)
        } else if run?.cancel(request) ?? false {
            if run?.open.isEmpty ?? false {
                run = nil
                // What nobody wants is not read to its end.
                disconnect()
            }
        } else {
            return
        }
        inputs.append(.message(.reject(request)))
        schedule()
    }

    /// The engine is in the middle of something when it asks.
    func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            bound.value.isScheduled = false
            bound.value.goOn()
        }
    }

    func goOn() {
        advance()
        deliver()
    }

    /// Hands over what has come.
    func deliver() {
        guard !inputs.isEmpty, let key else { return }
        let (inputs, blocks) = (inputs, blocks)
        (self.inputs, self.blocks) = ([], [])
        driver?.receive(inputs, blocks: blocks, from: key)
    }

    // MARK: Life

    func tick() {
        guard key != nil else { return }
        let silent = NIODeadline.now() - progressAt
        let isAsked = run != nil || !waiting.isEmpty
        if isStorageBusy {
            progressAt = .now()
        } else if isAsked, silent > Self.patience {
            fail("the server sends next to nothing")
        } else if !isAsked, link != nil, silent > Self.idleTime {
            disconnect()
        }
    }

    /// Bytes came or were passed over. Only so many at a time count, so that one that sends them singly gets nowhere.
    func progressed(_ bytes: Int) {
        progressBytes += bytes
        guard progressBytes >= PieceLayout.blockLength else { return }
        progressBytes = 0
        progressAt = .now()
    }

    /// A failure that may be over in a while.
    func fail(_ why: String, wait asked: Int64? = nil) {
        failures += 1
        let wait = asked.map { max($0, 1) } ?? min(5 << Int64(min(failures - 1, 10)), Self.longestWait)
        tell("\(why), it is asked again later")
        leave(for: wait)
    }

    /// It has nothing that could be used.
    func giveUp(_ why: String) {
        tell("\(why), it is not asked again")
        isOver = true
        leave(for: 0)
    }

    func leave(for seconds: Int64) {
        notBefore = .now() + .seconds(seconds)
        deliver()
        clear()
        driver?.webSeeds?.leave(self)
    }

    /// The engine has parted from it.
    func dropped(_ reason: DisconnectReason) {
        clear()
        switch reason {
        case .corruptData, .protocolViolation:
            tell("it \(reason), it is not asked again")
            isOver = true
        case .banned: isOver = true
        default: notBefore = .now() + .seconds(Self.absenceAfterDrop)
        }
    }

    func close() {
        isOver = true
        key = nil
        clear()
    }

    private func clear() {
        disconnect()
        (waiting, run, inputs, blocks, lost) = ([], nil, [], [], [])
    }

    func disconnect() {
        let old = link
        link = nil
        server = nil
        state = .idle
        old?.close()
    }

    /// Each trouble once.
    func tell(_ what: String) {
        guard told.count < 8, told.insert(what).inserted else { return }
        driver?.continuation.yield(.notice("web seed \(url.base): \(what)"))
    }

    func updateReading() {
        guard let link, case .answering(let answer) = state else { return }
        link.hold(isStorageBusy || (run == nil && waiting.isEmpty && !answer.isRead))
    }
}
