/// A piece of a page. Text is escaped when it becomes HTML, and there is no way to put it in unescaped; markup comes from
/// element names and attributes that are written in the code.
public struct HTML: Sendable, Equatable {
    /// The markup.
    public private(set) var markup: String

    /// Nothing.
    public init() {
        markup = ""
    }

    /// Text, escaped.
    public init(_ text: String) {
        markup = Self.escaped(text)
    }

    /// An element with its content.
    public static func element(
        _ name: StaticString, _ attributes: Attribute..., @HTMLBuilder content: () -> HTML = { HTML() }
    ) -> HTML {
        var html = HTML()
        html.open(name, attributes)
        html.markup += content().markup
        html.markup += "</\(name)>"
        return html
    }

    /// An element that never has content, such as `input`.
    public static func void(_ name: StaticString, _ attributes: Attribute...) -> HTML {
        var html = HTML()
        html.open(name, attributes)
        return html
    }

    /// A style sheet of this program, in the page.
    static func style(_ css: StyleSheet) -> HTML {
        var html = HTML()
        html.markup = "<style>\(css.text)</style>"
        return html
    }

    /// The whole page, as it is sent.
    static func document(language: StaticString, head: HTML, body: HTML) -> HTML {
        var html = HTML()
        html.markup =
            "<!DOCTYPE html>\n<html lang=\"\(language)\"><head><meta charset=\"utf-8\">\(head.markup)</head>\(body.markup)</html>\n"
        return html
    }

    static func joined(_ parts: [HTML]) -> HTML {
        var html = HTML()
        for part in parts { html.markup += part.markup }
        return html
    }

    private mutating func open(_ name: StaticString, _ attributes: [Attribute]) {
        markup += "<\(name)"
        for attribute in attributes {
            markup += " \(attribute.name)"
            if let value = attribute.value { markup += "=\"\(Self.escaped(value))\"" }
        }
        markup += ">"
    }

    /// Escapes for text and for attributes in double quotes alike. Control characters, which HTML cannot hold, become U+FFFD;
    /// so do those that change the direction of the text around them, which can make a name look like another.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { needsEscape($0.value) }) else { return text }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: output.append(contentsOf: "&amp;".unicodeScalars)
            case 0x3C: output.append(contentsOf: "&lt;".unicodeScalars)
            case 0x3E: output.append(contentsOf: "&gt;".unicodeScalars)
            case 0x22: output.append(contentsOf: "&quot;".unicodeScalars)
            case 0x27: output.append(contentsOf: "&#39;".unicodeScalars)
            case 0x09, 0x0A: output.append(scalar)
            case let value where needsEscape(value): output.append("\u{FFFD}")
            default: output.append(scalar)
            }
        }
        return String(output)
    }

    private static func needsEscape(_ value: UInt32) -> Bool {
        switch value {
        case 0x26, 0x3C, 0x3E, 0x22, 0x27: true
        case 0..<0x09, 0x0B..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension HTML: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

/// Puts pieces behind each other; strings among them are text.
@resultBuilder
public enum HTMLBuilder {
    public static func buildExpression(_ html: HTML) -> HTML { html }
    public static func buildExpression(_ text: String) -> HTML { HTML(text) }
    public static func buildBlock(_ parts: HTML...) -> HTML { HTML.joined(parts) }
    public static func buildArray(_ parts: [HTML]) -> HTML { HTML.joined(parts) }
    public static func buildOptional(_ part: HTML?) -> HTML { part ?? HTML() }
    public static func buildEither(first part: HTML) -> HTML { part }
    public static func buildEither(second part: HTML) -> HTML { part }
}
