/// What is examined.
public struct DoctorInput: Sendable {
    /// The port on which Duplex takes connections.
    public var listenPort: UInt16
    /// The user asked for exactly this port; otherwise Duplex takes another one when it is taken.
    public var portIsFixed: Bool
    /// The folder with Duplex's state; it may be missing as yet.
    public var statePath: String
    /// The folder into which downloads go; it may be missing as yet.
    public var downloadPath: String
    /// What a running host knows and nobody else can find out.
    public var hostFacts: HostFacts?

    public init(
        listenPort: UInt16, portIsFixed: Bool = false, statePath: String, downloadPath: String,
        hostFacts: HostFacts? = nil
    ) {
        self.listenPort = listenPort
        self.portIsFixed = portIsFixed
        self.statePath = statePath
        self.downloadPath = downloadPath
        self.hostFacts = hostFacts
    }
}
