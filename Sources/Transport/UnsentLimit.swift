import NIOCore

#if os(Linux)
    extension ChannelOptions {
        /// TCP_NOTSENT_LOWAT (tcp(7)): unsent bytes above which a socket takes no more.
        static let unsentLimit = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    }
#endif
