// swift-tools-version: 6.1
import PackageDescription

// The floors of the house, lowest first. A target imports only lower floors; the compiler enforces it,
// since each target sees exactly the dependencies named here. See docs/architecture.md.

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    // Watching at run time that nobody changes what somebody else is changing takes half of an engine's time. Debug
    // builds do it, and so all tests.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let package = Package(
    name: "duplex",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "duplex", targets: ["duplex"]),
        // For the fuzzers, which are a package of their own (Fuzz/).
        .library(name: "Bencode", targets: ["Bencode"]),
        .library(name: "Metainfo", targets: ["Metainfo"]),
        .library(name: "PeerWire", targets: ["PeerWire"]),
        .library(name: "SwarmEngine", targets: ["SwarmEngine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Floor 0: values and codecs, and the system's own options of malloc.
        .systemLibrary(name: "CMalloc"),
        .target(name: "Bencode", swiftSettings: strict),
        .target(name: "Metainfo", dependencies: ["Bencode", crypto], swiftSettings: strict),
        .target(name: "PeerWire", dependencies: ["Bencode", "Metainfo", nioCore], swiftSettings: strict),
        // Floor 1: engines without I/O.
        .target(name: "SwarmEngine", dependencies: ["Metainfo", "PeerWire", crypto], swiftSettings: strict),
        // Floor 2: the outside world.
        .target(name: "Storage", dependencies: ["Bencode", "Metainfo", crypto, nioCore], swiftSettings: strict),
        .target(name: "Transport", dependencies: ["Metainfo", "PeerWire", nioCore, nioPosix], swiftSettings: strict),
        .target(
            name: "SimulatedNetwork", dependencies: ["Metainfo", "PeerWire", "SwarmEngine"], swiftSettings: strict),
        // Floor 3: client/server against peer-to-peer, measured.
        .target(name: "Lab", dependencies: ["Metainfo", "SwarmEngine", "SimulatedNetwork"], swiftSettings: strict),
        // Floor 4: everything wired into one host.
        .target(
            name: "Host",
            dependencies: [
                "Metainfo", "PeerWire", "SwarmEngine", "Storage", "Transport", nioCore, nioPosix,
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
            ],
            swiftSettings: strict),
        // Floor 5: arguments in, text or JSON out.
        .executableTarget(
            name: "duplex",
            dependencies: ["Metainfo", "PeerWire", "Storage", "Host", "Lab", argumentParser],
            swiftSettings: strict),

        .testTarget(name: "BencodeTests", dependencies: ["Bencode"], swiftSettings: strict),
        .testTarget(
            name: "MetainfoTests", dependencies: ["Bencode", "Metainfo", crypto],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(name: "PeerWireTests", dependencies: ["PeerWire", "Metainfo", nioCore], swiftSettings: strict),
        .testTarget(
            name: "SwarmEngineTests", dependencies: ["SwarmEngine", "Metainfo", "PeerWire"], swiftSettings: strict),
        .testTarget(
            name: "SimulatedNetworkTests", dependencies: ["SimulatedNetwork", "SwarmEngine", "Metainfo", "PeerWire"],
            swiftSettings: strict),
        .testTarget(name: "LabTests", dependencies: ["Lab", "SimulatedNetwork"], swiftSettings: strict),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Metainfo", nioCore], swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "PeerWire", "Metainfo", nioCore, nioPosix,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HostTests",
            dependencies: [
                "Host", "Metainfo", "PeerWire", "SwarmEngine", "Storage", "Transport", nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests", dependencies: ["duplex", "Storage", argumentParser], swiftSettings: strict),
    ]
)
