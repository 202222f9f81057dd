/// The least time in which a file can reach all receivers when data flows like water: no program can be faster.
///
/// `F` is the file's length, `u` and `d` are rates up and down in payload bytes a second, `N` the number of receivers.
public enum FluidBound {
    /// Client/server: one uplink carries N copies. `max(N·F/u_s, F/d_min)`.
    public static func clientServer(size: Int64, receivers: Int, sourceUp: Double, slowestDown: Double) -> Double {
        max(Double(receivers) * Double(size) / sourceUp, Double(size) / slowestDown)
    }

    /// Peer-to-peer: `max(F/u_s, F/d_min, N·F/(u_s+Σu))`. `receiversUp` is Σu.
    public static func peerToPeer(
        size: Int64, receivers: Int, sourceUp: Double, slowestDown: Double, receiversUp: Double
    ) -> Double {
        max(
            Double(size) / sourceUp, Double(size) / slowestDown,
            Double(receivers) * Double(size) / (sourceUp + receiversUp))
    }
}
