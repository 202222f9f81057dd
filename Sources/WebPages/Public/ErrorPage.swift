/// What a browser shows when a request fails: what happened and what to do, and nothing that came with the request.
public enum ErrorPage {
    /// - Parameter detail: what is known besides, in the program's own words.
    public static func html(status: Int, hostName: String, detail: String? = nil) -> HTML {
        let (title, advice) = words(status)
        return PageFrame.page(title: "\(title), \(hostName)", brand: hostName) {
            HTML.element("div", .class("title")) {
                HTML.element("p", .class("kicker")) { "Error \(status)" }
                HTML.element("h1") { title }
                HTML.element("p", .class("lede")) { detail.map(sentence) ?? advice }
                HTML.element("p") {
                    HTML.element("a", .class("button quiet"), .href(WebRoute.home.url)) { "All shares of this host" }
                }
            }
        }
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private static func words(_ status: Int) -> (title: String, advice: String) {
        switch status {
        case 400: ("This address is not valid", "Check it, or start from the list of shares.")
        case 403: ("This is not open to you", "The owner of this host did not share it with everybody.")
        case 404: ("There is nothing here", "The file may have moved, or is no longer shared.")
        case 405: ("That cannot be done here", "This address only shows something.")
        case 406: ("Not in that form", "This host sends pages as they are, or compressed with gzip.")
        case 408: ("That took too long", "The connection is slow or was lost. Try again.")
        case 409: ("That does not fit in here", "Something else has this place.")
        case 411, 413: ("This is too large", "The owner of this host set a limit to uploads.")
        case 414: ("This address is too long", "Start from the list of shares.")
        case 416: ("That part does not exist", "The file may have become shorter. Download it anew.")
        case 422: ("This name cannot be used", "Give the file another one.")
        case 429: ("Too many requests", "Wait a little, then try again.")
        case 503: ("This host is busy", "It serves others right now. Try again in a moment.")
        case 507: ("The disk is full", "This host has no room for more uploads.")
        case 500...: ("Something went wrong here", "It is not your fault. Try again later.")
        default: ("This did not work", "Start from the list of shares.")
        }
    }
}
