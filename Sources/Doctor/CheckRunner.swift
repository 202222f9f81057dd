import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs checks side by side, each on a thread of its own.
///
/// The system may make a check wait for ever (a network file system whose server is gone), so a thread that does not
/// end in time is left to itself, and nobody waits for it. The threads of Swift's tasks are too few for that.
enum CheckRunner {
    static func run(_ checks: [any HealthCheck], patience: Duration) async -> [Finding] {
        await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await run(check, patience: patience)) }
            }
            var results: [Int: [Finding]] = [:]
            for await (index, findings) in group { results[index] = findings }
            return checks.indices.flatMap { results[$0] ?? [] }
        }
    }

    private static func run(_ check: any HealthCheck, patience: Duration) async -> [Finding] {
        let answer = Answer()
        let timer = Task {
            try await Task.sleep(for: patience)
            answer.give([unseen(check, because: "that took longer than \(patience.components.seconds) seconds")])
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            answer.await(continuation)
            let started = startThread {
                do {
                    answer.give(try check.findings())
                } catch {
                    answer.give([unseen(check, because: "\(error)")])
                }
            }
            if !started { answer.give([unseen(check, because: "the system gives no more threads")]) }
        }
    }

    private static func unseen(_ check: any HealthCheck, because reason: String) -> Finding {
        .notSeen(check.id + ".unseen", check.subject, because: reason)
    }

    /// False if the system has no thread left.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Work(body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let code = pthread_create(&thread, &attributes, runWork, box.toOpaque())
        if code != 0 { box.release() }
        return code == 0
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

#if canImport(Darwin)
    private func runWork(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
    }
#else
    private func runWork(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
    }
#endif

/// The first answer counts: that of the check or that of the timer.
private final class Answer: Sendable {
    private enum State {
        case asked
        case waiting(CheckedContinuation<[Finding], Never>)
        case given([Finding])
        case done
    }

    private let state = Mutex(State.asked)

    func await(_ continuation: CheckedContinuation<[Finding], Never>) {
        let early: [Finding]? = state.withLock { state in
            if case .given(let findings) = state {
                state = .done
                return findings
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func give(_ findings: [Finding]) {
        let waiting: CheckedContinuation<[Finding], Never>? = state.withLock { state in
            switch state {
            case .asked:
                state = .given(findings)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .given, .done:
                return nil
            }
        }
        waiting?.resume(returning: findings)
    }
}
