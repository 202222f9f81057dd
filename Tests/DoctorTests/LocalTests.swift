import Testing

@testable import Doctor

/// The port, the clock, the disk and limits.
@Suite struct LocalTests {
    private let input = DoctorInput(listenPort: 27272, statePath: "/x", downloadPath: "/y")

    @Test func portOfAnotherProgram() throws {
        let fake = FakeSystem()
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        try fake.write(
            "proc/net/tcp",
            head
                + "   0: 0100007F:6A88 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1151 1 0\n"
                + "   1: 0100007F:6A88 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 1152 1 0\n"
        )
        let check = PortCheck(input: input, system: fake.access())
        #expect(try check.facts() == .init(isTaken: true, owner: nil, isHost: false))
        try fake.link("proc/77/fd/5", to: "socket:[1151]")
        try fake.write("proc/77/comm", "nginx\n")
        #expect(try check.facts().owner == .init(process: 77, name: "nginx"))
        let finding = PortCheck.judge(try check.facts(), port: 27272, isFixed: true)
        #expect(finding.severity == .problem && finding.remedy?.hasPrefix("end it (kill 77)") == true)
        #expect(PortCheck.judge(try check.facts(), port: 27272, isFixed: false).severity == .warning)
        try fake.write("proc/77/comm", "duplex\n")
        #expect(PortCheck.judge(try check.facts(), port: 27272, isFixed: true).severity == .ok)
        #expect(throws: LookFailure.self) { try PortCheck(input: input, system: FakeSystem().access()).facts() }
    }

    @Test func clock() {
        func judged(_ ahead: [Double], now: Int64 = 1_800_000_000, synchronised: Bool? = true) -> [String] {
            let readings = ahead.map { ClockReading(host: "h", secondsAhead: $0) }
            return ClockCheck.judge(.init(now: now, isSynchronised: synchronised, readings: readings)).brief
        }
        #expect(judged([1, -2]) == ["clock.right ok"])
        #expect(judged([], now: 1000) == ["clock.wrong problem"])
        #expect(judged([], synchronised: false) == ["clock.unset note"])
        #expect(judged([3600]) == ["clock.differs warning"])
        #expect(judged([3600, 3600, 0]) == ["clock.differs warning"])
        #expect(judged([.nan, .infinity, 1e300]) == ["clock.differs warning"])
    }

    @Test func names() throws {
        #expect(try NameCheck(unknown: []).findings().isEmpty)
        let found = try NameCheck(unknown: (0..<20).map { "host\($0).lan:27272" }).findings()
        #expect(found.brief == ["names.unknown warning"])
        #expect(found.first?.evidence.count == 8 && found.first?.title.contains("20") == true)
    }

    @Test func disk() {
        func judged(_ change: (inout DiskFacts) -> Void) -> [String] {
            var facts = DiskFacts(
                path: "/s", existingPath: "/", free: 50 << 30, total: 100 << 30, files: 1_000_000, freeFiles: 900_000,
                isReadOnly: false, isWritable: true, fileSystem: "ext4")
            change(&facts)
            return DiskCheck.judge(facts, id: "disk.state", name: "x").brief
        }
        #expect(judged { _ in } == ["disk.state ok"])
        #expect(judged { $0.free = 1 << 29 } == ["disk.state.full warning"])
        #expect(judged { $0.total = 5000 << 30 } == ["disk.state.full warning"])
        #expect(judged { $0.free = 0 } == ["disk.state.full problem"])
        #expect(judged { $0.freeFiles = 50 } == ["disk.state.files warning"])
        #expect(
            judged {
                $0.files = 0; $0.freeFiles = 0
            } == ["disk.state ok"])
        #expect(
            judged {
                $0.isReadOnly = true; $0.isWritable = false
            } == ["disk.state.read-only problem"])
        #expect(judged { $0.fileSystem = "nfs4" } == ["disk.state.network warning"])
    }

    @Test func mounts() {
        let table = MountTable(
            parsing: "22 1 8:1 / / rw shared:1 - ext4 /dev/sda rw\n30 22 0:5 / /mnt/a\\040b rw - nfs4 srv:/x rw\nbad\n")
        #expect(table.type(of: "/mnt/a b/c") == "nfs4")
        #expect(table.type(of: "/mnt/a bc") == "ext4")
    }

    @Test func limits() {
        func judged(_ open: Int, _ soft: Int, _ hard: Int, isHost: Bool = false) -> Finding {
            DescriptorCheck.judge(.init(open: open, softLimit: soft, hardLimit: hard), isHost: isHost)
        }
        #expect(judged(9, 1024, 4096).severity == .ok)
        #expect(judged(9, 512, 4096).severity == .warning)
        #expect(judged(9, 64, 4096).remedy?.hasPrefix("ulimit -n 4096") == true)
        #expect(judged(9, 64, 64).remedy?.hasPrefix("sudo prlimit") == true)
        #expect(judged(900, 1024, 4096, isHost: true).severity == .problem)
    }

    @Test func descriptors() {
        let own = DescriptorFacts.ofThisProcess()
        #expect((own?.open ?? 0) > 2 && (own?.softLimit ?? 0) > 2)
        func check(_ facts: DescriptorFacts?) throws -> Finding? {
            let host = HostFacts(processID: 1, descriptors: facts)
            var input = input
            input.hostFacts = host
            return try DescriptorCheck(input: input).findings().first
        }
        // The limit that counts is the host's.
        let full = try? check(DescriptorFacts(open: 99, softLimit: 100, hardLimit: 100))
        #expect(full?.title == "99 of at most 100 files and connections are open")
        #expect((try? check(nil))?.id == "files.limit")
    }

    @Test func watches() throws {
        func judged(_ watches: Int, _ instances: Int = 128, _ host: WatchFacts? = nil) -> [Finding] {
            WatchCheck.judge(.init(watches: watches, instances: instances, host: host))
        }
        #expect(judged(8192).brief == ["watches.folders ok"])
        #expect(
            judged(8192, 8, WatchFacts(folders: 7000)).brief == ["watches.folders warning", "watches.programs warning"])
        // A limit that was reached tells more than any number: other programs take from it.
        let reached = judged(8192, 128, WatchFacts(folders: 40, rescannedShares: 2, limit: "max_user_watches"))
        #expect(reached.brief == ["watches.folders warning"])
        #expect(reached[0].title.hasPrefix("2 shares are looked through"))
        #expect(reached[0].remedy == "sudo sysctl fs.inotify.max_user_watches=65536; then start Duplex anew")
        let programs = judged(8192, 128, WatchFacts(folders: 0, rescannedShares: 1, limit: "max_user_instances"))
        #expect(programs[0].remedy == "sudo sysctl fs.inotify.max_user_instances=256; then start Duplex anew")
        #expect(judged(8192, 128, WatchFacts(folders: 40, limit: "max_user_watches")).brief == ["watches.folders ok"])
        #expect(judged(.max, .max, WatchFacts(folders: .max, rescannedShares: 1, limit: "x")).count == 1)

        let fake = FakeSystem()
        try fake.write("proc/sys/fs/inotify/max_user_watches", "9000\n")
        try fake.write("proc/sys/fs/inotify/max_user_instances", "128\n")
        #expect(try WatchCheck(input: input, system: fake.access()).findings()[0].title.hasPrefix("9000 folders"))
        // A container's own.
        try fake.write("proc/sys/user/max_inotify_watches", "20\n")
        #expect(try WatchCheck(input: input, system: fake.access()).findings()[0].title.hasPrefix("20 folders"))
    }
}
