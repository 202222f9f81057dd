extension DeliveryModel {
    /// The class that gives this model's colour in the page's style.
    var style: String {
        switch self {
        case .clientServer: "cs"
        case .peerToPeer: "pp"
        }
    }

    var words: String {
        switch self {
        case .clientServer: "client/server"
        case .peerToPeer: "peer-to-peer"
        }
    }
}

/// Drawings are made twice, for wide pages and for narrow ones, so that their letters stay readable.
enum PlotSize {
    case wide, narrow

    var width: Double { self == .wide ? 720 : 360 }
    var style: String { self == .wide ? "wide" : "narrow" }

    /// Both, of which the page's style shows one.
    static func both(_ draw: (PlotSize) -> String) -> String { draw(.wide) + draw(.narrow) }
}
