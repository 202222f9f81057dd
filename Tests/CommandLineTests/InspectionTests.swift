import Testing

@testable import duplex

@Suite struct InspectionTests {
    private static let link =
        "magnet:?xt=urn:btih:631a31dd0a46257d5078c0dee4e66e26f73e42ac&dn=hi&tr=http%3A%2F%2Fx%2Fy&x.pe=1.2.3.4:5"

    @Test func magnetLinkGivesNullForWhatItDoesNotSay() throws {
        let text = Inspection(try SourceArgument(Self.link)).json.text
        #expect(
            text == #"{"name":"hi","infoHashV1":"631a31dd0a46257d5078c0dee4e66e26f73e42ac","infoHashV2":null,"#
                + #""magnet":"\#(Self.link)","pieceLength":null,"pieces":null,"size":null,"private":null,"#
                + #""files":[],"trackers":["http://x/y"],"webSeeds":[]}"#)
    }

    @Test func torrentFileIsShownAsAWhole() throws {
        let hash: [UInt8] = [
            0xAA, 0xF4, 0xC6, 0x1D, 0xDC, 0xC5, 0xE8, 0xA2, 0xDA, 0xBE, 0xDE, 0x0F, 0x3B, 0x48, 0x2C, 0xD9, 0xAE, 0xA9,
            0x43, 0x4D,
        ]
        let head = "d4:infod6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:"
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.torrent"
        try SmallFile.write(Array(head.utf8) + hash + Array("ee".utf8), to: path, replacing: false)
        let text = Inspection(try SourceArgument(path)).json.text
        #expect(
            text == #"{"name":"a.txt","infoHashV1":"de3edc1dfa1958affac1dbdc8f34d4d6dac43f00","infoHashV2":null,"#
                + #""magnet":"magnet:?xt=urn:btih:de3edc1dfa1958affac1dbdc8f34d4d6dac43f00&dn=a.txt","#
                + #""pieceLength":16384,"pieces":1,"size":5,"private":false,"#
                + #""files":[{"path":"a.txt","size":5,"executable":false}],"trackers":[],"webSeeds":[]}"#)
    }

    @Test func whatCannotBeReadSaysWhatToDo() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/bad.torrent"
        try SmallFile.write(Array("d4:info".utf8), to: path, replacing: false)
        #expect(throws: CommandFailure.self) { try SourceArgument(path) }
        #expect(throws: CommandFailure.self) { try SourceArgument("magnet:?dn=x") }
        let hash = "631a31dd0a46257d5078c0dee4e66e26f73e42ac"
        #expect {
            try SourceArgument(hash)
        } throws: {
            "\($0)".hasSuffix("write 'magnet:?xt=urn:btih:\(hash)'")
        }
    }
}
