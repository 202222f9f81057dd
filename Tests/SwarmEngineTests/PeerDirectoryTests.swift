import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

@Suite struct PeerDirectoryTests {
    private func address(_ number: Int, port: UInt16 = 6881) -> PeerAddress {
        PeerAddress(ipv4: 0x0A00_0000 + UInt32(number), port: port)
    }

    @Test func eachAddressIsDialedOnceAndNoMoreThanAllowedAtATime() {
        var directory = PeerDirectory(maximumDialing: 3)
        for number in 1...5 { directory.add(address(number), from: .exchange) }
        directory.add(address(1), from: .exchange)
        directory.add(address(9, port: 0), from: .given)
        #expect(directory.dialable(limit: 10, own: nil, now: .zero) == [1, 2, 3].map { address($0) })
        #expect(directory.dialable(limit: 10, own: nil, now: .zero).isEmpty)
        directory.connected(address(1))
        directory.dialFailed(address(2), now: .zero)
        #expect(directory.dialable(limit: 10, own: nil, now: .zero) == [address(4), address(5)])
    }

    @Test func failedAddressesWaitLongerEachTimeAndStrangersAreGivenUp() {
        var directory = PeerDirectory(maximumDialing: 8)
        directory.add(address(1), from: .exchange)
        directory.add(address(2), from: .given)
        var now = Instant.zero
        var attempts: [PeerAddress: [Int64]] = [:]
        for _ in 0..<8000 {
            for found in directory.dialable(limit: 8, own: nil, now: now) {
                attempts[found, default: []].append(now.nanoseconds / 1_000_000_000)
                directory.dialFailed(found, now: now)
            }
            now = now + .milliseconds(250)
        }
        #expect(attempts[address(1)] == [0, 5, 15, 35, 75])
        #expect((attempts[address(2)]?.count ?? 0) > 100, "given by the user: for ever, at most every 15 s")
    }

    @Test func preferenceIsForTheUsersAddressesThenByPriority() {
        let own = PeerAddress(ipv4: 0x7BD5_200A, port: 6881)
        var directory = PeerDirectory(maximumDialing: 8)
        for number in 1...40 { directory.add(PeerAddress(ipv4: UInt32(number) << 24 | 77, port: 80), from: .exchange) }
        directory.add(PeerAddress(ipv4: 0x0909_0909, port: 1), from: .given)
        let chosen = directory.dialable(limit: 5, own: own, now: .zero)
        #expect(chosen.count == 5 && chosen[0].port == 1)
        let rest = chosen.dropFirst().map { $0.canonicalPriority(with: own) }
        #expect(rest == rest.sorted(by: >))
        let next = directory.dialable(limit: 3, own: own, now: .zero).map { $0.canonicalPriority(with: own) }
        #expect((next.max() ?? 0) <= (rest.min() ?? 0))
    }

    @Test func bansAreByHostAndOnLoopbackByPort() throws {
        var directory = PeerDirectory(maximumDialing: 8)
        directory.ban(address(1), id: TestHost.id(5))
        #expect(directory.isBanned(address(1, port: 9)) && !directory.isBanned(address(2)))
        #expect(directory.isBanned(TestHost.id(5)) && !directory.isBanned(TestHost.id(6)))
        directory.ban(PeerAddress(ipv4: 0x7F00_0001, port: 5), id: nil)
        #expect(directory.isBanned(PeerAddress(ipv4: 0x7F00_0001, port: 5)))
        #expect(!directory.isBanned(PeerAddress(ipv4: 0x7F00_0001, port: 6)))
        directory.add(address(1), from: .given)
        #expect(directory.dialable(limit: 8, own: nil, now: .zero).isEmpty)
    }

    @Test func meetingOneselfDoesNotShutOutOthersOfTheSameAddress() {
        var directory = PeerDirectory(maximumDialing: 8)
        directory.add(address(1, port: 1), from: .exchange)
        directory.avoid(address(1, port: 1))
        directory.add(address(1, port: 2), from: .exchange)
        #expect(directory.dialable(limit: 8, own: nil, now: .zero) == [address(1, port: 2)])
        #expect(!directory.isBanned(address(1, port: 3)))
    }

    @Test func strangersCannotFillItForGood() {
        var directory = PeerDirectory(maximumDialing: 5000)
        for number in 0..<5000 { directory.add(address(number), from: .exchange) }
        let found = directory.dialable(limit: 5000, own: nil, now: .zero)
        #expect(found.count == 2000)
        directory.add(address(9000), from: .exchange)
        #expect(directory.dialable(limit: 5, own: nil, now: .zero).isEmpty)
        for dead in found { directory.dialFailed(dead, now: .zero) }
        directory.add(address(9001), from: .exchange)
        #expect(directory.dialable(limit: 5, own: nil, now: .zero) == [address(9001)])
        directory.forgetExchanged()
        #expect(directory.dialable(limit: 5, own: nil, now: .zero + .seconds(900)).isEmpty)
    }

    @Test func bansAreBounded() {
        var set = BoundedSet<Int>()
        for number in 0..<10_000 { set.insert(number) }
        #expect(set.count == 4096 && set.contains(9999) && !set.contains(0))
    }
}

@Suite struct AllowedFastSetTests {
    @Test func theVectorOfBEP6() throws {
        let hash = [UInt8](repeating: 0xAA, count: 20).withUnsafeBytes { bytes in
            bytes.baseAddress.map { WireInfoHash(copying: $0) }
        }
        let address = PeerAddress(ipv4: 0x5004_04C8, port: 1)
        let pieces = AllowedFastSet.pieces(count: 9, pieceCount: 1313, address: address, hash: try #require(hash))
        #expect(pieces.map(\.rawValue) == [1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
    }

    @Test func smallTorrentsAndIPv6() throws {
        let hash = try #require(
            [UInt8](repeating: 1, count: 20).withUnsafeBytes { $0.baseAddress.map(WireInfoHash.init) })
        let four = PeerAddress(ipv4: 0x0102_0304, port: 1)
        #expect(Set(AllowedFastSet.pieces(count: 5, pieceCount: 3, address: four, hash: hash)).count == 3)
        #expect(AllowedFastSet.pieces(count: 5, pieceCount: 0, address: four, hash: hash).isEmpty)
        let six = PeerAddress(ipv6High: 0x2001 << 48, low: 1, port: 1)
        #expect(AllowedFastSet.pieces(count: 5, pieceCount: 9, address: six, hash: hash).isEmpty)
    }
}
