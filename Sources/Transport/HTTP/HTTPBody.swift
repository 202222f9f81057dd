import NIOCore

/// A body of known length that is made part by part, as fast as the client takes it.
public protocol HTTPBodySource: Sendable {
    /// The next part; nil behind the last. An error ends the connection short, which tells the client that this is not
    /// all.
    func next() async throws -> HTTPBodyPart?
}

/// A part of a body.
public enum HTTPBodyPart: Sendable {
    case bytes([UInt8])
    case file(HTTPFile, Range<Int64>)
}

/// A file whose bytes go from the disk's cache to the socket without a detour through this process (`sendfile`).
///
/// Whether it is still the same is asked before and after each step of ``HTTPFile/stepLength``.
public final class HTTPFile: Sendable {
    /// So much is sent between two looks at whether the file has changed.
    public static let stepLength: Int64 = 1 << 20

    let handle: NIOFileHandle
    /// These bytes of it, read elsewhere than on an event loop; an error if it has changed.
    let read: @Sendable (Range<Int64>) async throws -> [UInt8]
    private let check: @Sendable () -> Bool

    /// - Parameters:
    ///   - descriptor: stays open for as long as `isUnchanged` lives.
    ///   - isUnchanged: whether the file is still what it was promised to be.
    ///   - read: all of the bytes of a range, for where they cannot go to the socket directly; an error if the file has
    ///     changed.
    public init(
        descriptor: Int32, isUnchanged: @escaping @Sendable () -> Bool,
        read: @escaping @Sendable (Range<Int64>) async throws -> [UInt8]
    ) {
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        check = isUnchanged
        self.read = read
    }

    var isUnchanged: Bool { check() }

    // Whoever opened it closes it.
    deinit { _ = try? handle.takeDescriptorOwnership() }
}

/// A file is not what it was promised to be any more.
struct ChangedFileError: Error {}
