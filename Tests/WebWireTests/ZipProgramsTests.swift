import Foundation
import Testing
import WebWire

/// Other programs read our archives. Those that are not installed are left out.
@Suite struct ZipProgramsTests {
    @Test("python, unzip and bsdtar find every file whole", arguments: ["python3", "unzip", "bsdtar", "bsdtar -"])
    func small(program: String) throws {
        let archive = SampleArchive()
        let layout = try ZipLayout(archive.entries)
        let folder = try Scratch()
        let file = folder.url.appendingPathComponent("a.zip").path
        try Data(archive.bytes(layout, 0..<layout.length)).write(to: URL(fileURLWithPath: file))
        let out = folder.url.appendingPathComponent("out").path
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        let script =
            switch program {
            case "python3":
                "python3 -c 'import sys,zipfile as z; f=z.ZipFile(sys.argv[1]); assert f.testzip() is None; f.extractall(sys.argv[2])' \(file) \(out)"
            case "unzip": "unzip -tqq \(file) && LC_ALL=C.UTF-8 unzip -q \(file) -d \(out)"
            case "bsdtar": "LC_ALL=C.UTF-8 bsdtar -xf \(file) -C \(out)"
            // From a pipe, without the directory at the end.
            default: "LC_ALL=C.UTF-8 sh -c 'cat \(file) | bsdtar -xf - -C \(out)'"
            }
        guard let result = try run(program.split(separator: " ")[0], script) else { return }
        #expect(result == "", "\(program): \(result)")
        for (index, entry) in archive.entries.enumerated() where !entry.isFolder {
            let path = out + "/" + entry.path.joined(separator: "/")
            let content = FileManager.default.contents(atPath: path).map { [UInt8]($0) }
            #expect(content == archive.contents[index], "\(path)")
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            // python restores no times.
            if program != "python3" {
                let time = attributes?[.modificationDate] as? Date
                #expect(time?.timeIntervalSince1970 == Double(entry.modified.secondsSinceEpoch), "\(path)")
            }
        }
    }

    @Test("A file of 5 GB, what lies behind it, and many files")
    func large() throws {
        let date = HTTPDate(secondsSinceEpoch: 1_700_000_000)
        let zeros: Int64 = 5_000_000_000
        let many = (0..<66_000).map { ZipEntry(path: ["many", "\($0)"], length: 0, modified: date) }
        let last = ZipEntry(path: ["last.txt"], length: 5, modified: date)
        let layout = try ZipLayout([ZipEntry(path: ["zeros"], length: zeros, modified: date)] + many + [last])
        var crc = CRC32()
        crc.update(Array("hello".utf8))
        let folder = try Scratch()
        let file = folder.url.appendingPathComponent("a.zip")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        var gathered = Data()
        for segment in layout.segments(0..<layout.length) {
            switch segment {
            case .bytes(let bytes): gathered.append(contentsOf: bytes)
            // The checksum of the zeros is not right, and nobody reads them here.
            case .checksum(let part): gathered.append(contentsOf: layout.bytes(of: part, crc32: crc.value))
            case .content(0, let range):
                // A hole.
                try handle.write(contentsOf: gathered)
                gathered = Data()
                try handle.seek(toOffset: handle.offset() + UInt64(range.count))
            case .content: gathered.append(contentsOf: Array("hello".utf8))
            }
        }
        try handle.write(contentsOf: gathered)
        try handle.close()
        let scripts = [
            "python3":
                "python3 -c 'import sys,zipfile as z; f=z.ZipFile(sys.argv[1]); i=f.infolist(); print(len(i), i[0].file_size, f.read(\"last.txt\").decode())' \(file.path)",
            "unzip":
                "unzip -Z1 \(file.path) | wc -l; unzip -Zl \(file.path) zeros | cut -c20-40; unzip -p \(file.path) last.txt",
            "bsdtar":
                "bsdtar -tf \(file.path) | wc -l; bsdtar -tvf \(file.path) zeros | tr -s ' ' | cut -d' ' -f5; bsdtar -xOf \(file.path) last.txt",
        ]
        for (program, script) in scripts {
            guard let result = try run(program[...], script) else { continue }
            #expect(result.split(whereSeparator: \.isWhitespace).contains("66002"), "\(program): \(result)")
            #expect(result.contains("5000000000"), "\(program): \(result)")
            #expect(result.hasSuffix("hello") || result.hasSuffix("hello\n"), "\(program): \(result)")
        }
    }

    /// What the script prints, errors included; nil when the program is not installed.
    private func run(_ program: Substring, _ script: String) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "command -v \(program) >/dev/null || { echo MISSING; exit 0; }; \(script)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard !output.hasPrefix("MISSING") else { return nil }
        #expect(process.terminationStatus == 0, "\(program): \(output)")
        return output
    }
}

/// A folder that goes when the test ends.
private final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("webwire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
