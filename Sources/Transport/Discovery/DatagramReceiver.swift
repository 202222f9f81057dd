import DiscoveryEngine
import NIOCore
import PeerWire

/// Hands datagrams of one socket to the engine, each once: with several sockets at one port, some systems give what came
/// to the group on one interface to all of them.
final class DatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let key: DiscoveryCore.SocketKey
    private weak var core: DiscoveryCore?

    init(_ key: DiscoveryCore.SocketKey, core: DiscoveryCore) {
        self.key = key
        self.core = core
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let source = PeerAddress(envelope.remoteAddress) else { return }
        var link = key.link
        var isMulticast = true
        if let info = envelope.metadata?.packetInfo {
            isMulticast = PeerAddress(info.destinationAddress)?.isMulticast ?? true
            guard !isMulticast || info.interfaceIndex == link.interface else { return }
            link.interface = info.interfaceIndex
        }
        core?.received(
            ReceivedDatagram(
                proto: key.proto, bytes: Array(envelope.data.readableBytesView), source: source, link: link,
                isMulticast: isMulticast))
    }

    func channelInactive(context: ChannelHandlerContext) {
        core?.closed(key, context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Such as an earlier datagram that could not be delivered. The socket goes on.
    }
}
