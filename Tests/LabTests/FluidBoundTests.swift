import Testing

@testable import Lab

@Suite struct FluidBoundTests {
    @Test func oneUplinkCarriesAllCopies() {
        #expect(FluidBound.clientServer(size: 100, receivers: 8, sourceUp: 10, slowestDown: 10) == 80)
        #expect(FluidBound.clientServer(size: 100, receivers: 2, sourceUp: 1000, slowestDown: 10) == 10)
    }

    @Test func receiversCarryThemBetweenThem() {
        #expect(FluidBound.peerToPeer(size: 100, receivers: 8, sourceUp: 10, slowestDown: 10, receiversUp: 80) == 10)
        // Receivers that hardly give anything: the source is what there is.
        #expect(FluidBound.peerToPeer(size: 100, receivers: 9, sourceUp: 10, slowestDown: 100, receiversUp: 5) == 60)
    }
}
