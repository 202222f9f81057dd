import Testing

@testable import Host

/// Any JSON.
indirect enum AnyJSON: Decodable, Equatable {
    case object([String: AnyJSON])
    case array([AnyJSON])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([AnyJSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: AnyJSON].self))
        }
    }

    subscript(_ path: String...) -> AnyJSON? {
        path.reduce(Optional(self)) { value, name in
            if case .object(let members) = value { members[name] } else { nil }
        }
    }

    var members: [String: AnyJSON] { if case .object(let members) = self { members } else { [:] } }
    var items: [AnyJSON] { if case .array(let items) = self { items } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}

@Suite("The description of the control API")
struct OpenAPITests {
    let document: AnyJSON

    init() throws {
        document = try JSON.decode(AnyJSON.self, from: OpenAPIDocument.bytes)
    }

    @Test("Every route is described, with its parameters and answers")
    func routes() throws {
        #expect(document["openapi"]?.text == "3.1.0")
        for route in ControlRoute.all {
            let path = "/" + route.path.joined(separator: "/")
            let operation = try #require(document["paths", path, route.method.lowercased()], "\(path)")
            #expect(operation["summary"]?.text == route.summary)
            let answers = try #require(operation["responses"]?.members)
            #expect(Set(answers.keys) == Set(route.answers.map { "\($0.status)" }))
            #expect(answers.keys.contains { $0.hasPrefix("2") })
            let named = Set((operation["parameters"]?.items ?? []).compactMap { $0["name"]?.text })
            #expect(named == Set(route.path.compactMap(ControlRoute.placeholder) + route.parameters.map(\.name)))
            #expect((operation["requestBody"] != nil) == (route.body != nil))
        }
        let count = try #require(document["paths"]?.members.values.reduce(0) { $0 + $1.members.count })
        #expect(count == ControlRoute.all.count)
    }

    @Test("Every reference leads somewhere")
    func references() throws {
        let schemas = try #require(document["components", "schemas"]?.members)
        func check(_ value: AnyJSON) {
            for (name, member) in value.members {
                if name == "$ref", let text = member.text {
                    #expect(text.hasPrefix("#/components/schemas/"))
                    #expect(schemas[text.split(separator: "/").last.map(String.init) ?? ""] != nil, "\(text)")
                }
                check(member)
            }
            value.items.forEach(check)
        }
        check(document)
    }

    @Test("What the models say is what their schemas say")
    func models() throws {
        var share = EventTextTests.share
        (share.infoHashV1, share.infoHashV2, share.message, share.magnet) = ("", "", "", "")
        (share.hashed, share.toHash, share.omitted) = (1, 2, [OmissionModel(path: "", reason: "")])
        var order = ShareOrder(path: "/a")
        (order.name, order.scope, order.format, order.pieceLength, order.torrent) = ("", .link, "v1", 1, "")
        order.inbox = true
        var fetch = FetchOrder(to: "/a")
        (fetch.magnet, fetch.torrent, fetch.host, fetch.share, fetch.path) = ("", "", "", "", "")
        (fetch.select, fetch.peers, fetch.follow) = ([], [], true)
        var transfer = EventTextTests.transfer
        transfer.message = ""
        transfer.brought = TransferDone(
            path: "", bytes: 1, seconds: 1.5, downloaded: 1, kept: [KeptFile(path: "", keptAs: "")], removed: [""])
        let host = HostModel(
            name: "h", addresses: ["a"], roles: [.dedicated], shares: ["s"], load: 0.5, seen: 1, key: "k",
            source: "mdns", message: "m")
        try check("Share", full: share, bare: EventTextTests.share)
        try check("NewShare", full: order, bare: ShareOrder(path: "/a"))
        try check("NewTransfer", full: fetch, bare: FetchOrder(to: "/a"))
        try check("Transfer", full: transfer, bare: EventTextTests.transfer)
        try check("Host", full: host, bare: host)
        try check("NewHost", full: HostOrder(address: ""), bare: HostOrder(address: ""))
        let entry = EntryModel(name: "", kind: .file, bytes: 1, modified: "")
        try check("Entry", full: entry, bare: EntryModel(name: "", kind: .file, bytes: 1, modified: nil))
        try check("Status", full: EventTextTests.status, bare: EventTextTests.status)
        var settings = HostSettings(name: "a")
        settings.file = "/settings"
        try check(
            "Settings", full: SettingsModel(settings, web: [""], owner: ""),
            bare: SettingsModel(HostSettings(name: "a"), web: [], owner: nil))
        let report = DownloadReport(id: "", server: "", downloaded: 1, isOver: false)
        try check("DownloadReport", full: report, bare: report)
        let bare = DoctorFacts(
            processID: 1, port: 1, portIsFixed: true, clocks: [], knownHosts: [], foundHosts: [])
        var facts = bare
        facts.multicast = []
        facts.unknownNames = [""]
        facts.watching = .init(folders: 1, rescannedShares: 1, limit: "")
        facts.descriptors = .init(open: 1, softLimit: 2, hardLimit: 3)
        try check("DoctorFacts", full: facts, bare: bare)
        try check("Error", full: ErrorModel(error: ""), bare: ErrorModel(error: ""))
    }

    /// A model with all its members has those of the schema, and one with as few as possible those that are required.
    private func check(_ name: String, full: some Encodable, bare: some Encodable) throws {
        let schema = try #require(document["components", "schemas", name], "\(name)")
        let (all, few) = (
            try JSON.decode(AnyJSON.self, from: JSON.encode(full)).members,
            try JSON.decode(AnyJSON.self, from: JSON.encode(bare)).members
        )
        #expect(Set(all.keys) == Set(schema["properties"]?.members.keys.map(\.self) ?? []), "\(name)")
        let required = Set((schema["required"]?.items ?? []).compactMap(\.text))
        #expect(required.isSubset(of: few.keys), "\(name)")
    }
}
