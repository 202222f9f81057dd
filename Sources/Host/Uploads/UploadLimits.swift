/// How much strangers may put into this host's inboxes.
struct UploadLimits: Sendable, Equatable {
    /// Bytes of one file.
    var file: Int64 = HostSettings.usualInboxLimit
    /// Bytes that stay free on the disk, whatever is uploaded.
    var reserve: Int64 = HostSettings.usualInboxReserve
    /// Files of one inbox: each new one is a new version of the share, which lists all of them.
    var filesOfInbox = 20_000
    /// Requests that bring something at the same time: of one address, and of all.
    var requestsOfSender = 8
    var requests = 64
    /// Uploads that have begun and not ended: of one address, and of all.
    var unfinishedOfSender = 32
    var unfinished = 256
    /// How long one may rest before it is given up, seconds.
    var restingTime: Int64 = 24 * 3600

    /// Bytes of all that have not ended, together.
    var unfinishedBytes: Int64 {
        let (bytes, overflow) = file.multipliedReportingOverflow(by: 2)
        return overflow ? .max : bytes
    }
}
