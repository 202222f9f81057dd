import FoundationEssentials
import Metainfo
import PeerWire
import Transport

extension ControlRoute {
    /// The whole API.
    static let all: [ControlRoute] = sharing + fetching + network + looking

    private static let unknown: (status: Int, description: String, schema: Schema?) =
        (404, "There is no such thing.", .named("Error"))
    private static let refused: (status: Int, description: String, schema: Schema?) =
        (422, "It cannot be done; the message says why.", .named("Error"))
    private static let malformed: (status: Int, description: String, schema: Schema?) =
        (400, "The request cannot be read.", .named("Error"))

    private static let sharing: [ControlRoute] = [
        ControlRoute(
            "GET", "/shares", "This host's shares, by name.", answers: [(200, "The shares.", .list(of: "Share"))]
        ) { service, _ in
            .json(200, ListModel(limiting: await service.shares.list()))
        },
        ControlRoute(
            "POST", "/shares",
            "Offers a file or folder. It is remembered when this answers, and hashed afterwards; "
                + "`share` events tell how that goes.",
            body: .named("NewShare"),
            answers: [
                (201, "The share.", .named("Share")), (409, "The name is taken.", .named("Error")), refused, malformed,
            ]
        ) { service, call in
            let order = try call.body(ShareOrder.self)
            return .json(201, try await service.shares.add(try order.request()))
        },
        ControlRoute(
            "GET", "/shares/{name}", "One share.", answers: [(200, "The share.", .named("Share")), unknown]
        ) { service, call in
            guard let share = await service.shares.share(named: call.name("name")) else {
                return .failure(404, "there is no share '\(call.name("name"))'")
            }
            return .json(200, share)
        },
        ControlRoute(
            "DELETE", "/shares/{name}", "Ends a share. Its files are not touched.",
            answers: [(204, "It is ended.", nil), unknown]
        ) { service, call in
            try await service.shares.remove(call.name("name"))
            return HTTPReply(status: 204)
        },
    ]

    private static let fetching: [ControlRoute] = [
        ControlRoute(
            "GET", "/transfers", "What is fetched, and which shares are being served.",
            answers: [(200, "The transfers.", .list(of: "Transfer"))]
        ) { service, _ in
            .json(200, ListModel(limiting: await service.transfers()))
        },
        ControlRoute(
            "POST", "/transfers", "Fetches by a link, a torrent, or a host's share by name.",
            body: .named("NewTransfer"),
            answers: [
                (201, "The transfer.", .named("Transfer")), unknown,
                (409, "Several hosts have that name.", .named("Error")), refused, malformed,
                (502, "The other host does not answer as it should.", .named("Error")),
            ]
        ) { service, call in
            .json(201, try await service.fetches.add(call.body(FetchOrder.self)))
        },
        ControlRoute(
            "GET", "/transfers/{id}", "One transfer.", answers: [(200, "The transfer.", .named("Transfer")), unknown]
        ) { service, call in
            guard let transfer = await service.fetches.model(call.name("id")) else {
                return .failure(404, "there is no transfer \(call.name("id"))")
            }
            return .json(200, transfer)
        },
        ControlRoute(
            "DELETE", "/transfers/{id}", "Ends a transfer. What was fetched stays.",
            answers: [(204, "It is ended.", nil), unknown]
        ) { service, call in
            try await service.fetches.remove(call.name("id"))
            return HTTPReply(status: 204)
        },
        ControlRoute(
            "POST", "/transfers/{id}/pause", "Stops asking and serving until it is resumed.",
            answers: [(204, "It is paused.", nil), unknown]
        ) { service, call in
            try await service.fetches.pause(call.name("id"))
            return HTTPReply(status: 204)
        },
        ControlRoute(
            "POST", "/transfers/{id}/resume", "Goes on with it.",
            answers: [
                (204, "It goes on.", nil), unknown,
                (
                    409, "It cannot go on now, such as when its folder is gone; the error says why. It is tried again.",
                    .named("Error")
                ),
            ]
        ) { service, call in
            try await service.fetches.resume(call.name("id"))
            return HTTPReply(status: 204)
        },
        ControlRoute(
            "POST", "/downloads",
            "Says how far a command is that fetches a file from a web server by itself, so that the status has it. "
                + "Said about once a second; who says nothing for ten has ended.",
            body: .named("DownloadReport"), answers: [(204, "It is noted.", nil), refused, malformed]
        ) { service, call in
            try service.commandDownloads.take(call.body(DownloadReport.self))
            return HTTPReply(status: 204)
        },
    ]

    private static let network: [ControlRoute] = [
        ControlRoute(
            "GET", "/hosts", "The other hosts that are there, by name.",
            answers: [(200, "The hosts.", .list(of: "Host"))]
        ) { service, _ in
            .json(200, ListModel(limiting: await service.directory.freshList()))
        },
        ControlRoute(
            "POST", "/hosts", "Remembers a host by its address, for networks where multicast is blocked.",
            body: .named("NewHost"), answers: [(204, "It is remembered.", nil), refused, malformed]
        ) { service, call in
            try await service.remember(host: call.body(HostOrder.self).address)
            return HTTPReply(status: 204)
        },
        ControlRoute(
            "DELETE", "/hosts/{address}", "Forgets a host that was remembered by its address.",
            answers: [(204, "It is forgotten.", nil), unknown]
        ) { service, call in
            try await service.forget(host: call.name("address"))
            return HTTPReply(status: 204)
        },
        ControlRoute(
            "GET", "/hosts/{name}/entries", "What a host offers: its shares, or a folder of one of them.",
            query: [
                Parameter(
                    name: "share", description: "The share; without it the shares are listed.", isRequired: false),
                Parameter(name: "path", description: "A folder or file in the share.", isRequired: false),
            ],
            answers: [
                (200, "The entries.", .list(of: "Entry")), unknown,
                (409, "Several hosts have that name.", .named("Error")),
                (502, "The host does not answer as it should.", .named("Error")),
            ]
        ) { service, call in
            .json(
                200,
                try await service.entries(of: call.name("name"), share: call.query["share"], path: call.query["path"]))
        },
    ]

    private static let looking: [ControlRoute] = [
        ControlRoute(
            "GET", "/status", "This host in both of its roles.", answers: [(200, "The status.", .named("Status"))]
        ) { service, _ in
            .json(200, await service.status())
        },
        ControlRoute(
            "GET", "/settings", "What this host was started with.",
            answers: [(200, "The settings.", .named("Settings"))]
        ) { service, _ in
            .json(
                200,
                SettingsModel(
                    await service.settings, web: await service.webAddresses, owner: await service.ownerAddress))
        },
        ControlRoute(
            "GET", "/doctor", "What keeps this host from working, as far as it can see; takes some seconds.",
            answers: [(200, "The findings.", .list(of: "Finding"))]
        ) { service, _ in
            .json(200, ListModel(limiting: await service.findings()))
        },
        ControlRoute(
            "GET", "/doctor/facts", "What only a running host knows, for `duplex doctor`.",
            answers: [(200, "The facts.", .named("DoctorFacts"))]
        ) { service, _ in
            .json(200, await service.doctorFacts())
        },
        ControlRoute(
            "GET", "/events",
            "What happens, as it happens: server-sent events `share`, `shareRemoved`, `transfer`, `transferRemoved`, "
                + "`done`, `notice`, `host`, `hostGone`, and once a second `status`.",
            answers: [(200, "The stream; it does not end by itself.", nil)]
        ) { service, _ in
            HTTPReply(
                status: 200,
                headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")],
                body: .stream(EventText.stream(service.hub)))
        },
        ControlRoute(
            "GET", "/openapi.json", "This description.", answers: [(200, "An OpenAPI 3.1 document.", nil)]
        ) { _, _ in
            .bytes(200, OpenAPIDocument.bytes, type: "application/json")
        },
    ]
}
