// swift-tools-version: 6.1
import PackageDescription

// libFuzzer entry points, a package of its own: building with the sanitizer leaves the main package alone.
// See run.sh.

func fuzzer(_ name: String, _ modules: [String]) -> Target {
    .executableTarget(
        name: name,
        dependencies: modules.map { .product(name: $0, package: "duplex") },
        swiftSettings: [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("ExistentialAny"),
            // The main function is libFuzzer's.
            .unsafeFlags(["-parse-as-library"]),
        ])
}

let package = Package(
    name: "duplex-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "duplex", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        fuzzer("FuzzBencode", ["Bencode"]),
        fuzzer("FuzzMetainfo", ["Metainfo"]),
        fuzzer("FuzzMagnet", ["Metainfo"]),
        fuzzer("FuzzPeerWire", ["Metainfo", "PeerWire"]),
        fuzzer("FuzzDNS", ["DiscoveryWire"]),
        fuzzer("FuzzBEP14", ["DiscoveryWire"]),
        fuzzer("FuzzEngine", ["Metainfo", "PeerWire", "SwarmEngine"]),
        fuzzer("FuzzHTTPFields", ["WebWire"]),
        fuzzer("FuzzTracker", ["Metainfo", "PeerWire", "TrackerEngine", "WebWire"]),
    ]
)
for target in package.targets where target.name == "FuzzPeerWire" {
    target.dependencies.append(.product(name: "NIOCore", package: "swift-nio"))
}
