#if os(Linux)
    /// A Python that can load libtorrent.
    struct Libtorrent: Sendable, Equatable {
        let python: String
        /// Such as "libtorrent 2.0.8".
        let name: String

        /// The system's own is tried too: Debian's package is for that one.
        static func find() throws(LabFailure) -> Libtorrent {
            let first = SystemTool.find("python3")
            for python in [first, SystemTool(path: "/usr/bin/python3")].compactMap(\.self) {
                let check = "import libtorrent; print(libtorrent.__version__)"
                guard let answer = try? python.run(["-c", check]), answer.status == 0 else { continue }
                let parts = answer.text.split { $0 == "." || $0 == "\n" }.prefix(3)
                return Libtorrent(python: python.path, name: "libtorrent " + parts.joined(separator: "."))
            }
            throw .noLibtorrent
        }
    }
#endif
