// swift-tools-version: 6.1
import PackageDescription

// The floors of the house, lowest first. A target imports only lower floors; the compiler enforces it,
// since each target sees exactly the dependencies named here. See docs/architecture.md.

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
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
        .library(name: "DiscoveryWire", targets: ["DiscoveryWire"]),
        .library(name: "DiscoveryEngine", targets: ["DiscoveryEngine"]),
        .library(name: "WebWire", targets: ["WebWire"]),
        .library(name: "TrackerEngine", targets: ["TrackerEngine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Floor 0: values and codecs, and headers of the system and of zlib.
        .systemLibrary(name: "CCachedReads"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CTimex"),
        .target(name: "Bencode", swiftSettings: strict),
        .target(name: "Metainfo", dependencies: ["Bencode", crypto], swiftSettings: strict),
        .target(name: "PeerWire", dependencies: ["Bencode", "Metainfo", nioCore], swiftSettings: strict),
        .target(name: "DiscoveryWire", dependencies: ["Metainfo"], swiftSettings: strict),
        .target(name: "WebWire", dependencies: ["Metainfo"], swiftSettings: strict),
        // Floor 1: engines without I/O.
        .target(name: "SwarmEngine", dependencies: ["Metainfo", "PeerWire", crypto], swiftSettings: strict),
        .target(
            name: "DiscoveryEngine", dependencies: ["DiscoveryWire", "Metainfo", "PeerWire"], swiftSettings: strict),
        .target(
            name: "TrackerEngine", dependencies: ["Bencode", "Metainfo", "PeerWire", "WebWire"], swiftSettings: strict),
        // Floor 2: the outside world.
        .target(
            name: "Storage",
            dependencies: [
                "Bencode", "Metainfo", crypto, nioCore,
                .target(name: "CCachedReads", condition: .when(platforms: [.linux])),
            ],
            swiftSettings: strict),
        .target(
            name: "Transport",
            dependencies: [
                "DiscoveryEngine", "DiscoveryWire", "Metainfo", "PeerWire", nioCore, nioPosix, nioHTTP1, nioHTTP2,
                nioHPACK,
            ],
            swiftSettings: strict),
        .target(
            name: "Doctor", dependencies: ["Metainfo", .target(name: "CTimex", condition: .when(platforms: [.linux]))],
            swiftSettings: strict),
        .target(
            name: "SimulatedNetwork", dependencies: ["Metainfo", "PeerWire", "SwarmEngine"], swiftSettings: strict),
        // Floor 3: client/server against peer-to-peer, measured.
        .target(name: "Lab", dependencies: ["Metainfo", "SwarmEngine", "SimulatedNetwork"], swiftSettings: strict),
        // And the pages for browsers. What they load is part of the program.
        .target(
            name: "WebPages", dependencies: ["Metainfo", "WebWire", crypto],
            resources: ["style.css", "app.js", "icon.svg", "owner.css", "owner.js", "api.js", "words.js"].map {
                .embedInCode("Resources/\($0)")
            },
            swiftSettings: strict),
        // Floor 4: everything wired into one host.
        .target(
            name: "Host",
            dependencies: [
                "Bencode", "DiscoveryEngine", "DiscoveryWire", "Doctor", "Metainfo", "PeerWire", "SwarmEngine",
                "Storage",
                "Transport", "TrackerEngine", "WebPages", "WebWire", nioCore, nioPosix, crypto,
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
                "CZlib",
            ],
            swiftSettings: strict),
        // Floor 5: arguments in, text or JSON out.
        .executableTarget(
            name: "duplex",
            dependencies: [
                "Metainfo", "PeerWire", "Storage", "Doctor", "Host", "Lab", argumentParser,
            ],
            swiftSettings: strict),

        // What several targets of tests use.
        .target(name: "TestSupport", dependencies: ["Metainfo"], path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "BencodeTests", dependencies: ["Bencode", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "MetainfoTests", dependencies: ["Bencode", "Metainfo", "TestSupport", crypto],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "PeerWireTests", dependencies: ["PeerWire", "Metainfo", "TestSupport", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "DiscoveryWireTests", dependencies: ["DiscoveryWire", "Metainfo", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DiscoveryEngineTests", dependencies: ["DiscoveryEngine", "DiscoveryWire", "Metainfo", "PeerWire"],
            swiftSettings: strict),
        .testTarget(
            name: "SwarmEngineTests", dependencies: ["SwarmEngine", "Metainfo", "PeerWire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebWireTests", dependencies: ["WebWire", "Metainfo", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TrackerEngineTests",
            dependencies: ["TrackerEngine", "Bencode", "Metainfo", "PeerWire", "TestSupport", "WebWire"],
            swiftSettings: strict),
        .testTarget(name: "WebPagesTests", dependencies: ["WebPages", "Metainfo", "WebWire"], swiftSettings: strict),
        .testTarget(
            name: "SimulatedNetworkTests", dependencies: ["SimulatedNetwork", "SwarmEngine", "Metainfo", "PeerWire"],
            swiftSettings: strict),
        .testTarget(name: "LabTests", dependencies: ["Lab", "SimulatedNetwork"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Metainfo", "TestSupport", nioCore], swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "DiscoveryEngine", "DiscoveryWire", "PeerWire", "Metainfo", nioCore, nioPosix, nioHTTP1,
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoctorTests", dependencies: ["Doctor"], resources: [.copy("Rulesets")], swiftSettings: strict),
        .testTarget(
            name: "HostTests",
            dependencies: [
                "Host", "Metainfo", "PeerWire", "SwarmEngine", "Storage", "TestSupport", "Transport", nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["duplex", "Doctor", "Host", "Metainfo", "Storage", argumentParser],
            swiftSettings: strict),
    ]
)
