import DiscoveryWire
import Testing

@Suite struct DomainNameTests {
    @Test func caseOfASCIIDoesNotCount() throws {
        let name = try #require(DomainName(text: "Anna’s Mac._Duplex._TCP.local"))
        let same = try #require(DomainName(text: "anna’s mac._duplex._tcp.LOCAL."))
        #expect(name == same)
        #expect(Set([name, same]).count == 1)
        #expect(name.description == "Anna’s Mac._Duplex._TCP.local")
        #expect(DomainName(text: "Ä.local") != DomainName(text: "ä.local"))
    }

    @Test func dotsWithinLabelsAreEscaped() throws {
        let name = try DomainName(labels: ["Dr. No \\ 1".utf8, "local".utf8].map { Array($0) })
        #expect(name.description == "Dr\\. No \\\\ 1.local")
        #expect(DomainName(text: name.description) == name)
        #expect(name.firstLabel == "Dr. No \\ 1")
        #expect(name.parent.description == "local")
    }

    @Test func bytesThatAreNoTextAreEscaped() throws {
        let name = try DomainName(labels: [[0xFF, 0x41, 0x07], Array("local".utf8)])
        #expect(name.description == "\\255A\\007.local")
        #expect(DomainName(text: name.description) == name)
        #expect(DomainName(text: "\\256.local") == nil)
        #expect(DomainName(text: "a\\") == nil)
    }

    @Test func limits() throws {
        let label = [UInt8](repeating: 0x61, count: 63)
        #expect(throws: DiscoveryWireError.badLabel(offset: 0)) { try DomainName(labels: [label + [0x61]]) }
        #expect(throws: DiscoveryWireError.badLabel(offset: 0)) { try DomainName(labels: [[]]) }
        #expect(throws: DiscoveryWireError.nameTooLong) { try DomainName(labels: [label, label, label, label]) }
        let longest = try DomainName(labels: [label, label, label, Array(label.dropLast(2))])
        #expect(longest.wire.count == DomainName.maximumLength)
        #expect(DomainName(text: "a..b") == nil)
        #expect(DomainName(text: ".") == .root && DomainName.root.description == ".")
    }

    @Test func within() throws {
        let name = try #require(DomainName(text: "a.b.local"))
        #expect(name.isWithin(name.parent) && name.isWithin(name) && name.isWithin(.root))
        #expect(!name.parent.isWithin(name))
        #expect(try !name.isWithin(#require(DomainName(text: "xb.local"))))
    }
}
