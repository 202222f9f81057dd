import WebWire

/// The files that pages load, all of them part of the program. Served under `/-/`.
public enum WebAsset: String, Sendable, CaseIterable {
    case style = "style.css"
    case script = "app.js"
    case icon = "icon.svg"
    case ownerStyle = "owner.css"
    case ownerScript = "owner.js"
    case ownerData = "api.js"
    case ownerWords = "words.js"

    public var mediaType: String {
        switch self {
        case .style, .ownerStyle: "text/css; charset=utf-8"
        case .script, .ownerScript, .ownerData, .ownerWords: "text/javascript; charset=utf-8"
        case .icon: "image/svg+xml"
        }
    }

    /// Whether only the owner's side serves it.
    public var isOwners: Bool {
        switch self {
        case .style, .script, .icon: false
        case .ownerStyle, .ownerScript, .ownerData, .ownerWords: true
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .style: PackageResources.style_css
        case .script: PackageResources.app_js
        case .icon: PackageResources.icon_svg
        case .ownerStyle: PackageResources.owner_css
        case .ownerScript: PackageResources.owner_js
        case .ownerData: PackageResources.api_js
        case .ownerWords: PackageResources.words_js
        }
    }
}
