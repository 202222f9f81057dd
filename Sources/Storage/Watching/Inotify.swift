#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The kernel's own watching of folders (inotify(7)); there is none but on Linux.
final class Inotify: Sendable {
    struct Event {
        let watch: Int32
        let flags: Flags
        /// The entry of the folder that is meant; nil for the folder itself, empty if the name is not text.
        let name: String?
    }

    /// The numbers are the same on every machine.
    struct Flags: OptionSet {
        let rawValue: UInt32

        static let modified = Flags(rawValue: 0x2)
        static let attributes = Flags(rawValue: 0x4)
        static let closedWritten = Flags(rawValue: 0x8)
        static let movedFrom = Flags(rawValue: 0x40)
        static let movedTo = Flags(rawValue: 0x80)
        static let created = Flags(rawValue: 0x100)
        static let deleted = Flags(rawValue: 0x200)
        static let selfDeleted = Flags(rawValue: 0x400)
        static let selfMoved = Flags(rawValue: 0x800)
        static let unmounted = Flags(rawValue: 0x2000)
        static let overflow = Flags(rawValue: 0x4000)
        static let ignored = Flags(rawValue: 0x8000)
        static let onlyFolders = Flags(rawValue: 0x100_0000)
        static let doNotFollow = Flags(rawValue: 0x200_0000)
        static let excludeUnlinked = Flags(rawValue: 0x400_0000)
        static let add = Flags(rawValue: 0x2000_0000)
        static let isFolder = Flags(rawValue: 0x4000_0000)

        /// The folder itself is no longer where it was.
        static let gone: Flags = [.selfDeleted, .selfMoved, .unmounted]
        /// All that changes what a folder holds. Opening and reading are not asked for.
        static let content: Flags = [
            .modified, .attributes, .closedWritten, .movedFrom, .movedTo, .created, .deleted, .selfDeleted, .selfMoved,
        ]
        static let ancestor: Flags = [.selfDeleted, .selfMoved]
    }

    let descriptor: Int32

    /// Nil where there is no such thing, or none is left for this user.
    init?() {
        #if os(Linux)
            descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return nil }
        #else
            return nil
        #endif
    }

    deinit { _ = close(descriptor) }

    /// Watches a folder, unless a link is in its place.
    ///
    /// The same folder always has the same number, whatever path leads to it; what it is watched for is added up.
    func add(_ path: String, _ flags: Flags) -> Result<Int32, StorageError> {
        #if os(Linux)
            let all = flags.union([.onlyFolders, .doNotFollow, .excludeUnlinked, .add])
            let watch = inotify_add_watch(descriptor, path, all.rawValue)
            return watch >= 0 ? .success(watch) : .failure(StorageError(errno: errno, path: path))
        #else
            return .failure(StorageError(errno: ENOSYS, path: path))
        #endif
    }

    func remove(_ watch: Int32) {
        #if os(Linux)
            inotify_rm_watch(descriptor, watch)
        #endif
    }

    /// All events that are there.
    func read() -> [Event] {
        var events: [Event] = []
        let size = 64 << 10
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
            while true {
                let count = readBytes(into: buffer)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &events)
            }
        }
        return events
    }

    private func readBytes(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    /// `struct inotify_event`: watch, mask, cookie, length of the name, and the name filled up with zeros.
    private static func parse(_ bytes: UnsafeRawBufferPointer, into events: inout [Event]) {
        var position = 0
        while bytes.count - position >= 16 {
            let watch = bytes.loadUnaligned(fromByteOffset: position, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
            position += 16
            guard bytes.count - position >= length else { return }
            let name = bytes[position..<position + length].prefix { $0 != 0 }
            position += length
            let text = length == 0 ? nil : String(validating: name, as: UTF8.self) ?? ""
            events.append(Event(watch: watch, flags: Flags(rawValue: mask), name: text))
        }
    }
}
