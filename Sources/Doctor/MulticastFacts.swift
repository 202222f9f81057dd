/// What was sent to all computers on the network (multicast, by which hosts find each other) and what was heard: by the
/// doctor's own question, or by a running host since it started.
public struct MulticastFacts: Sendable, Equatable {
    public struct Interface: Sendable, Equatable {
        public var name: String
        /// The groups that were joined there, such as `224.0.0.251`.
        public var groups: [String]
        public var sent: Int
        /// What came back of what was sent, as all of it must. A running host hears other programs of its computer, too.
        public var heardOwn: Int
        /// What others sent.
        public var heard: Int
        /// Different other hosts that were heard; by a running host, those of the last ten minutes.
        public var otherHosts: Int
        /// How many seconds ago others were heard last; nil if they never were.
        public var lastHeard: Double?
        /// Why something could not be sent, if so.
        public var sendingFailure: String?

        public init(
            name: String, groups: [String] = [], sent: Int = 0, heardOwn: Int = 0, heard: Int = 0, otherHosts: Int = 0,
            lastHeard: Double? = nil, sendingFailure: String? = nil
        ) {
            self.name = name
            self.groups = groups
            self.sent = sent
            self.heardOwn = heardOwn
            self.heard = heard
            self.otherHosts = otherHosts
            self.lastHeard = lastHeard
            self.sendingFailure = sendingFailure
        }
    }

    public var interfaces: [Interface]
    /// Why nobody could listen at UDP port 5353, if so.
    public var listeningFailure: String?

    public init(interfaces: [Interface], listeningFailure: String? = nil) {
        self.interfaces = interfaces
        self.listeningFailure = listeningFailure
    }

    public var otherHosts: Int { interfaces.reduce(0) { $0 + $1.otherHosts } }
}
