/// What sizes, rates and counts of hosts make sense, here or in virtual time.
public struct LabLimits: Sendable, Equatable {
    /// Receivers.
    public var hosts: ClosedRange<Int>
    /// Bytes of the file.
    public var size: ClosedRange<Int64>
    /// Bits a second.
    public var rate: ClosedRange<Int64>

    /// Simulated: what fits into memory as an engine a host.
    public static let simulated = LabLimits(
        hosts: 1...10_000, size: (16 << 10)...(64 << 30), rate: 100_000...10_000_000_000)

    /// Real: a process and a copy of the file a host, all on this computer's processors. Its room for files is looked at
    /// besides when the lab starts.
    public static let real = LabLimits(
        hosts: 1...60, size: (16 << 10)...(64 << 30), rate: 100_000...10_000_000_000)

    public static func of(_ place: LabSettings.Place) -> LabLimits {
        place == .real ? real : simulated
    }
}
