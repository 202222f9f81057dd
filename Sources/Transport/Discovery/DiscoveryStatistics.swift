import DiscoveryEngine
import Synchronization

/// How many datagrams went each way.
public struct DiscoveryStatistics: Sendable, Equatable {
    public struct Count: Sendable, Equatable {
        public var sent = 0
        public var received = 0
        /// Those that the operating system did not take.
        public var failed = 0
    }

    public var multicastDNS = Count()
    public var localSearch = Count()

    subscript(proto: DiscoveryProtocol) -> Count {
        get { proto == .multicastDNS ? multicastDNS : localSearch }
        set {
            switch proto {
            case .multicastDNS: multicastDNS = newValue
            case .localSearch: localSearch = newValue
            }
        }
    }
}

/// Counted on the event loop, read anywhere.
final class DiscoveryCounters: Sendable {
    private let mutex = Mutex(DiscoveryStatistics())

    var value: DiscoveryStatistics { mutex.withLock { $0 } }

    func count(_ proto: DiscoveryProtocol, _ change: (inout DiscoveryStatistics.Count) -> Void) {
        mutex.withLock { change(&$0[proto]) }
    }
}
