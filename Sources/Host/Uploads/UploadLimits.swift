/// How much strangers may put into this host's inboxes.
public struct UploadLimits: Sendable, Equatable {
    /// Bytes of one file.
    public var file: Int64 = 10 << 30
    /// Bytes that stay free on the disk, whatever is uploaded.
    public var reserve: Int64 = 1 << 30
    /// Files of one inbox: each new one is a new version of the share, which lists all of them.
    public var filesOfInbox = 20_000
    /// Requests that bring something at the same time: of one address, and of all.
    public var requestsOfSender = 8
    public var requests = 64
    /// Uploads that have begun and not ended: of one address, and of all.
    public var unfinishedOfSender = 32
    public var unfinished = 256
    /// How long one may rest before it is given up, seconds.
    public var restingTime: Int64 = 24 * 3600

    /// Bytes of all that have not ended, together.
    var unfinishedBytes: Int64 {
        let (bytes, overflow) = file.multipliedReportingOverflow(by: 2)
        return overflow ? .max : bytes
    }
}
