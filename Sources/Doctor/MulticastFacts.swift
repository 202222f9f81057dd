/// What was sent to all computers on the network (multicast, by which hosts find each other) and what was heard.
public struct MulticastFacts: Sendable, Equatable {
    public struct Interface: Sendable, Equatable {
        public var name: String
        public var sent: Int
        public var heard: Int
        /// What this computer sent came back to it, as it must.
        public var hearsItself: Bool
        /// Different other hosts that were heard.
        public var otherHosts: Int
        /// Why nothing could be sent, if so.
        public var sendingFailure: String?

        public init(
            name: String, sent: Int, heard: Int, hearsItself: Bool, otherHosts: Int, sendingFailure: String? = nil
        ) {
            self.name = name
            self.sent = sent
            self.heard = heard
            self.hearsItself = hearsItself
            self.otherHosts = otherHosts
            self.sendingFailure = sendingFailure
        }
    }

    public var interfaces: [Interface]
    /// How long was listened.
    public var seconds: Double
    /// Why nobody could listen at UDP port 5353, if so.
    public var listeningFailure: String?

    public init(interfaces: [Interface], seconds: Double, listeningFailure: String? = nil) {
        self.interfaces = interfaces
        self.seconds = seconds
        self.listeningFailure = listeningFailure
    }

    public var otherHosts: Int { interfaces.reduce(0) { $0 + $1.otherHosts } }
}
