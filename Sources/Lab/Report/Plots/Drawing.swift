/// An SVG picture inside the page. Its colours are classes, so that the page's style decides about light and dark.
struct Drawing {
    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        body += "<path class=\"\(style)\" d=\"M\(Self.at(x1, y1))L\(Self.at(x2, y2))\"/>"
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ style: String, closed: Bool = false) {
        guard points.count > 1 else { return }
        let steps = points.map { Self.at($0.x, $0.y) }
        body += "<path class=\"\(style)\" d=\"M\(steps.joined(separator: "L"))\(closed ? "Z" : "")\"/>"
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, _ style: String) {
        body += "<circle class=\"\(style)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" "
        body += "r=\"\(Self.number(radius))\"/>"
    }

    /// - Parameter title: what a pointer that rests on it is told.
    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, title: String? = nil
    ) {
        body += "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
        body += "width=\"\(Self.number(max(0, width)))\" height=\"\(Self.number(max(0, height)))\""
        body += title.map { "><title>\(Escaped.html($0))</title></rect>" } ?? "/>"
    }

    enum Anchor: String {
        case start, middle, end
    }

    /// - Parameter turned: whether it reads upwards.
    mutating func text(
        _ text: String, _ x: Double, _ y: Double, _ style: String, _ anchor: Anchor = .start, turned: Bool = false
    ) {
        body += "<text class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
        if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
        if turned { body += " transform=\"rotate(-90 \(Self.at(x, y)))\"" }
        body += ">\(Escaped.html(text))</text>"
    }

    /// Text in a style and, on the same line, more of it in the plain one.
    mutating func text(_ text: String, thenPlain rest: String, _ x: Double, _ y: Double, _ style: String) {
        body += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"><tspan class=\"\(style)\">"
        body += "\(Escaped.html(text))</tspan><tspan dx=\"10\">\(Escaped.html(rest))</tspan></text>"
    }

    /// - Parameters:
    ///   - id: a word of its own in the page.
    ///   - title: what it is, for those who do not see it; `description` says what is to be seen.
    func svg(id: String, title: String, description: String, style: String = "") -> String {
        "<svg class=\"\(style)\" role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\" "
            + "viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\">"
            + "<title id=\"\(id)-t\">\(Escaped.html(title))</title>"
            + "<desc id=\"\(id)-d\">\(Escaped.html(description))</desc>\(body)</svg>\n"
    }

    static func number(_ value: Double) -> String { value.isFinite ? Quantity.short(value, decimals: 1) : "0" }
    private static func at(_ x: Double, _ y: Double) -> String { "\(number(x)) \(number(y))" }
}
