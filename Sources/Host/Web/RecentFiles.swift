import Storage
import Synchronization
import WebWire

/// Files that were asked for a moment ago, still open, with the fields that go with them: a small one that many ask for
/// costs two questions to the system.
///
/// Only for a moment, since a disk with an open file on it cannot be taken out.
final class RecentFiles: Sendable {
    /// One file, and what its answers say by one address of this host.
    struct Recent: Sendable {
        let file: SharedFile
        let fields: HeaderFields
        let origin: WebOrigin
        /// The snapshot that the fields were made from.
        let generation: Int
        /// So that its key is no other share's.
        fileprivate let share: WebShare
    }

    private struct Key: Hashable {
        let share: ObjectIdentifier
        let index: Int

        init(_ file: WebFile) {
            share = ObjectIdentifier(file.share)
            index = file.index
        }
    }

    private struct State {
        var current: [Key: Recent] = [:]
        /// Those of the time before this one; whoever is not asked for again goes with it.
        var earlier: [Key: Recent] = [:]
        var isSweeping = false
    }

    private static let limit = 128
    private static let time = Duration.seconds(1)
    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.current.count + $0.earlier.count } }

    func find(_ file: WebFile) -> Recent? {
        let key = Key(file)
        return state.withLock { state in
            if let recent = state.current[key] { return recent }
            guard let recent = state.earlier.removeValue(forKey: key) else { return nil }
            state.current[key] = recent
            return recent
        }
    }

    func keep(_ opened: SharedFile, _ fields: HeaderFields, _ origin: WebOrigin, generation: Int, of file: WebFile) {
        let recent = Recent(file: opened, fields: fields, origin: origin, generation: generation, share: file.share)
        let mustSweep = state.withLock { state in
            guard state.current.count < Self.limit else { return false }
            state.earlier[Key(file)] = nil
            state.current[Key(file)] = recent
            defer { state.isSweeping = true }
            return !state.isSweeping
        }
        guard mustSweep else { return }
        Task { [weak self] in
            repeat { try? await Task.sleep(for: Self.time) } while self?.sweep() == true
        }
    }

    func forget(_ file: WebFile) {
        let key = Key(file)
        state.withLock { state in
            state.current[key] = nil
            state.earlier[key] = nil
        }
    }

    /// Closes what was not asked for in the last time; false when nothing is open any more.
    private func sweep() -> Bool {
        // Closed outside of the lock: that can take as long as the file system likes.
        let (closing, isOpen) = state.withLock { state in
            let closing = state.earlier
            state.earlier = state.current
            state.current = [:]
            state.isSweeping = !state.earlier.isEmpty
            return (closing, state.isSweeping)
        }
        withExtendedLifetime(closing) {}
        return isOpen
    }
}
