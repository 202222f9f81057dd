import Metainfo

/// Whether there is room, and whether files can be written at all.
struct DiskCheck: HealthCheck {
    let id = "disk"
    let subject = "the disk"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let mounts = (try? system.text(system.proc + "/self/mountinfo")).map(MountTable.init(parsing:))
        var findings: [Finding] = []
        for (id, name, path) in [
            ("disk.state", "Duplex's own folder", input.statePath),
            ("disk.downloads", "the folder for downloads", input.downloadPath),
        ] {
            do throws(LookFailure) {
                findings += Self.judge(try DiskFacts.read(path, mounts: mounts), id: id, name: name)
            } catch {
                findings.append(.notSeen("\(id).unseen", name, because: error.reason))
            }
        }
        return findings
    }

    static func judge(_ facts: DiskFacts, id: String, name: String) -> [Finding] {
        let place = "\(name) (\(facts.shownPath))"
        var findings: [Finding] = []
        if facts.isReadOnly || !facts.isWritable {
            findings.append(unwritable(facts, id: id, place: place))
        } else if let space = space(facts, id: id, place: place) {
            findings.append(space)
        }
        if facts.isWritable, let inodes = inodes(facts, id: id, place: place) { findings.append(inodes) }
        if let type = facts.fileSystem, id == "disk.state", MountTable.networkTypes.contains(where: type.hasPrefix) {
            findings.append(
                Finding(
                    id: "disk.state.network", severity: .warning, title: "\(name) is on another computer's disk",
                    explanation:
                        "Duplex's database needs locks that such disks do not always keep, so what it knows of "
                        + "downloads may be lost.",
                    remedy: "choose a folder on this computer: --state DIR",
                    evidence: ["\(facts.path) is on a file system of type \(type)"]))
        }
        guard findings.isEmpty else { return findings }
        return [
            Finding(
                id: id, severity: .ok, title: "\(ByteCount.size(facts.free)) free for \(name)",
                evidence: [facts.shownPath])
        ]
    }

    private static func unwritable(_ facts: DiskFacts, id: String, place: String) -> Finding {
        Finding(
            id: "\(id).read-only", severity: .problem, title: "Nothing can be written to \(place)",
            explanation: facts.isReadOnly
                ? "The disk that it is on is set to be read only; the system does that to a damaged disk too."
                : "This user may not write there.",
            remedy: facts.isReadOnly
                ? "choose another folder (--state DIR for Duplex's own), or look for errors of the disk with: sudo dmesg"
                : "choose another folder, or: sudo chown \"$USER\" '\(facts.existingPath)'",
            evidence: ["\(facts.existingPath): \(facts.isReadOnly ? "read-only file system" : "permission denied")"])
    }

    private static func space(_ facts: DiskFacts, id: String, place: String) -> Finding? {
        guard facts.free < 1 << 30 || facts.free < facts.total / 50 else { return nil }
        let isFull = facts.free < 16 << 20
        return Finding(
            id: "\(id).full", severity: isFull ? .problem : .warning,
            title: (isFull ? "The disk is full at " : "The disk is nearly full at ") + place,
            explanation: isFull
                ? "Downloads stop, and what Duplex knows of them cannot be kept."
                : "Downloads stop when nothing is left.",
            remedy:
                "delete what is not needed (see what is large: du -xh '\(facts.existingPath)' | sort -h | tail), or "
                + "choose a folder on another disk",
            evidence: ["\(ByteCount.size(facts.free)) of \(ByteCount.size(facts.total)) free"])
    }

    private static func inodes(_ facts: DiskFacts, id: String, place: String) -> Finding? {
        // Some file systems do not count them.
        guard facts.files > 0, facts.freeFiles < max(facts.files / 50, 100) else { return nil }
        return Finding(
            id: "\(id).files", severity: facts.freeFiles < 10 ? .problem : .warning,
            title: "The disk has nearly as many files as it can hold, at \(place)",
            explanation: "New files cannot be made when none are left, though there is room.",
            remedy: "delete many small files, or choose a folder on another disk",
            evidence: ["\(facts.freeFiles) of \(facts.files) files left"])
    }
}
