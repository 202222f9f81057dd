import Dispatch

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// SIGHUP as a stream: how a program that runs for long is told to read its settings again.
final class Hangups: Sendable {
    // Dispatch sources may be used from any thread; this is only kept alive here.
    private nonisolated(unsafe) let source: any DispatchSourceSignal
    let stream: AsyncStream<Void>

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler { continuation.yield() }
        source.resume()
        self.source = source
        self.stream = stream
    }
}
