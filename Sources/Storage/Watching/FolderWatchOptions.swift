/// How patient a ``FolderWatch`` is.
public struct FolderWatchOptions: Sendable, Hashable {
    /// How long it must be quiet after a change before it is told.
    public var settleTime: Duration
    /// When a change is told at the latest, however much goes on changing.
    public var patience: Duration
    /// How often to look where the system does not tell of changes, and for what has vanished.
    public var rescanInterval: Duration
    /// Whether to have the system tell of changes where it can.
    public var usesNotifications: Bool
    /// How many folders the system is asked to tell of, nil for as many as it agrees to. Trees beyond that are looked
    /// through by time.
    public var maximumWatches: Int?

    public init(
        settleTime: Duration = .milliseconds(500), patience: Duration = .seconds(10),
        rescanInterval: Duration = .seconds(10), usesNotifications: Bool = true,
        maximumWatches: Int? = nil
    ) {
        self.settleTime = settleTime
        self.patience = patience
        self.rescanInterval = rescanInterval
        self.usesNotifications = usesNotifications
        self.maximumWatches = maximumWatches
    }
}

extension Duration {
    /// Never negative, and never so long that adding it to a clock overflows.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 1 << 32)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
