import DiscoveryWire

/// A service that this host offers on the network (RFC 6763).
public struct ServiceRegistration: Sendable, Equatable {
    /// What people see: one label of at most 63 bytes, of any characters. Longer names are cut.
    public var instance: String
    /// For example `_duplex._tcp`.
    public var type: String
    public var port: UInt16
    public var txt: TextRecord
    /// Narrower groups to be found by, for example `_printer`; without `._sub`.
    public var subtypes: [String]

    public init(
        instance: String, type: String, port: UInt16, txt: TextRecord = TextRecord(), subtypes: [String] = []
    ) {
        self.instance = instance
        self.type = type
        self.port = port
        self.txt = txt
        self.subtypes = subtypes
    }

    /// Whether anything but the name differs.
    func differs(from other: ServiceRegistration) -> Bool {
        port != other.port || txt != other.txt || subtypes != other.subtypes
    }
}
