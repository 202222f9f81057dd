import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a server cannot be reached, in words.
public enum ConnectionTrouble {
    public static func text(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else { return "no computer of that name is known" }
            return text(first.error)
        case let error as IOError: return text(ofSystemError: error.errnoCode)
        case ChannelError.connectTimeout: return "it does not answer"
        case is SocketAddressError.UnknownHost: return "no computer of that name is known"
        default: return "\(error)"
        }
    }

    private static func text(ofSystemError code: Int32) -> String {
        switch code {
        case ECONNREFUSED: "nothing takes connections there"
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN: "it cannot be reached from this network"
        case ECONNRESET, EPIPE: "it broke the connection"
        case ETIMEDOUT: "it does not answer"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }
}
