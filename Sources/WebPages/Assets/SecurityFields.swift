import WebWire

/// Header fields that keep a browser from doing what nobody asked for.
public enum SecurityFields {
    /// For the public pages: only this host's own files, no inline script, no style but the one in the page.
    public static let page = fields(policy: pagePolicy)

    /// For those that have a form: a browser says where its content comes from, which is looked at, only under a policy
    /// that tells this host itself.
    public static let inbox = fields(policy: pagePolicy, referrer: "same-origin")

    private static let pagePolicy =
        "default-src 'none'; style-src \(StyleSheet.main.source); script-src 'self'; img-src 'self'; "
        + "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// For the owner's page, which is on this computer: elsewhere browsers take no opener policy by plain HTTP, and
    /// complain of it.
    public static let owner: HeaderFields = {
        var owner = fields(
            policy: "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        owner.append("Cross-Origin-Opener-Policy", "same-origin")
        return owner
    }()

    /// For what is in a share. It may be a web page with scripts, and those run as if from nowhere: without the origin of
    /// this host, whose pages they could otherwise act for. What cannot have scripts is not sandboxed, since browsers
    /// show no PDF in a sandbox.
    public static func content(_ mediaType: String) -> HeaderFields {
        let type = mediaType.prefix { $0 != ";" }.lowercased()
        return type.hasSuffix("html") || type.hasSuffix("xml") ? active : passive
    }

    private static let active = fields(
        policy: "sandbox allow-scripts allow-forms allow-popups allow-downloads; base-uri 'none'")

    private static let passive = fields(policy: "base-uri 'none'; frame-ancestors 'self'")

    private static func fields(policy: String, referrer: String = "no-referrer") -> HeaderFields {
        [
            "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": referrer,
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        ]
    }
}
