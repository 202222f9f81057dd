import Storage
import Testing

@testable import Host
@testable import duplex

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct SharedPathsTests {
    @Test func pathsThatLeadToTheSamePlaceAreTakenOnce() throws {
        let folder = try TemporaryFolder()
        try FolderPath.create(folder.path + "/a/b")
        symlink(folder.path + "/a", folder.path + "/link")
        let paths = ["/a", "/a/", "/a/b/..", "/link", "/a/b"].map { folder.path + $0 }
        #expect(try ShareSession.distinct(paths) == [paths[0], paths[4]])
    }

    @Test func aPathThatIsNotThereIsAskedToBeChecked() throws {
        let folder = try TemporaryFolder()
        #expect {
            try ShareSession.distinct([folder.path, folder.path + "/nothing"])
        } throws: {
            "\($0)" == "cannot share \(folder.path)/nothing, there is no such file or folder, check the path"
        }
    }
}

@Suite struct OmissionTextTests {
    private func entries(_ count: Int, _ reason: OmittedEntry.Reason) -> [OmittedEntry] {
        (1...count).map { OmittedEntry(path: "\(reason) \($0)", reason: reason) }
    }

    @Test func onlyWhatNobodyMissesIsShortened() {
        let lines = OmissionText.lines(
            entries(7, .systemFile) + entries(7, .symbolicLink) + entries(7, .unusableName), of: "d\u{1B}")
        #expect(lines.count == 4)
        #expect(lines[0] == "Left out 21 entries of d\\u{1B}:")
        #expect(lines[1].hasSuffix("kept by the system 5 and 2 more"))
        #expect(lines[2].hasSuffix("symbolic link 7"))
        #expect(lines[3].hasSuffix("name other computers cannot use 7"))
        #expect(OmissionText.lines([OmittedEntry](), of: "d").isEmpty)
        let refused = OmissionText.lines([OmittedEntry(path: "secret.txt", reason: .notPermitted)], of: "d")
        #expect(refused == ["Left out 1 entry of d:", "  may not be read (permission denied): secret.txt"])
    }

    @Test func aHostTellsOfTheFirstOnly() {
        for (count, expected) in [(99, "Left out 99 entries of d:"), (100, "Left out at least 100 entries of d:")] {
            let told = entries(count, .systemFile).map { OmissionModel(path: $0.path, reason: "\($0.reason)") }
            #expect(OmissionText.lines(told, of: "d").first == expected)
        }
    }
}

@Suite struct StateFolderTests {
    @Test func messagesSayWhatTheFolderIsFor() throws {
        let folder = try TemporaryFolder()
        try SmallFile.write([1], to: folder.path + "/file", replacing: false)
        #expect {
            try StateFolder.open(option: folder.path + "/file/state")
        } throws: {
            "\($0)" == "cannot use \(folder.path)/file/state, the folder where Duplex keeps its state, "
                + "something that is no folder is in the way, name another one with --state DIR"
        }
    }

    @Test func onlyErrorsInTheStateFolderAreExplained() throws {
        let state = try StateFolder.open(option: try TemporaryFolder().path)
        let inside = StateFolder.explained(
            StorageError(kind: .diskFull, path: state.path + "/transfers/x"), in: state)
        #expect("\(inside)".hasSuffix("Duplex keeps its state in that folder; --state DIR names another one"))
        let outside = StorageError(kind: .diskFull, path: "/elsewhere/x")
        #expect(StateFolder.explained(outside, in: state) as? StorageError == outside)
    }
}
