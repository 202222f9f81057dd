/// What can be due in a simulation. Small, since millions of them wait.
enum Happening {
    case start(host: Int32)
    case tick(host: Int32)
    /// A segment has left its host's link.
    case sent(host: Int32)
    /// The first segment of a flow has come as far as its receiver's link.
    case reached(flow: Int32)
    case arrived(flow: Int32)
    /// Lost packets of a flow have been noticed and go again.
    case recovered(flow: Int32)
    /// The owner of a flow learns of a connection that another host opened.
    case connected(flow: Int32)
    case dialed(host: Int32, slot: Int32, target: Int32)
    case closed(flow: Int32)
    /// A fake disk has hashed a piece.
    case checked(host: Int32, slot: Int32, piece: Int32)
    case announce(host: Int32, slot: Int32)
    /// A full disk is tried again.
    case retry(host: Int32, slot: Int32)
    /// An answer of the fake disk; the place of it in the simulation's list.
    case answer(Int32)
    /// Something that the test or the lab wants done; its place in the list.
    case script(Int32)
}
