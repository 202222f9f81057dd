#if os(Linux)
    import Glibc

    /// Whether this computer has room for a run. Looked at before anything is made.
    enum Room {
        /// What a host's process takes, in bytes: about three times what an idle one does.
        private static let host: Int64 = 48 << 20
        /// For torrents, states and what else is written beside the files.
        private static let spare: Int64 = 32 << 20

        /// - Parameters:
        ///   - size: bytes of the file, of which each of so many hosts has a copy.
        ///   - folder: where the copies will be.
        static func check(size: Int64, hosts: Int, folder: String) throws(LabFailure) {
            let (copies, overflow) = size.multipliedReportingOverflow(by: Int64(hosts))
            let needed = overflow ? Int64.max : copies + spare
            let free = try freeSpace(folder)
            guard needed <= free else { throw .noSpace(folder: folder, needed: needed, free: free) }

            var memory = Int64(hosts) * host
            if isInMemory(folder) { memory += needed }
            if let free = freeMemory(), memory > free { throw .noMemory(needed: memory, free: free) }
        }

        private static func freeSpace(_ folder: String) throws(LabFailure) -> Int64 {
            var status = statvfs()
            guard statvfs(folder, &status) == 0 else {
                throw .file(verb: "use", path: folder, reason: ErrorText.of(errno))
            }
            let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
            return free.overflow ? Int64.max : Int64(clamping: free.partialValue)
        }

        private static func isInMemory(_ folder: String) -> Bool {
            var status = stat()
            guard stat(folder, &status) == 0, let bytes = try? LabFile.read("/proc/self/mountinfo", limit: 1 << 20)
            else { return false }
            let device = UInt64(status.st_dev)
            // How Linux splits the number of a device into its two parts.
            let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
            let minor = device & 0xFF | (device >> 12) & ~0xFF
            return MountTable(parsing: String(decoding: bytes, as: UTF8.self))
                .isInMemory(device: "\(major):\(minor)")
        }

        /// Bytes that can be had without pushing out what others need.
        private static func freeMemory() -> Int64? {
            guard let bytes = try? LabFile.read("/proc/meminfo", limit: 8192) else { return nil }
            let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("MemAvailable:") }
            let kibibytes = line?.split(separator: " ").compactMap { Int64($0) }.first
            return kibibytes.map { $0 << 10 }
        }
    }
#endif
