/// An attribute of an element. There is a function for each that pages use, so that none can run a script, and what loads
/// or leads somewhere takes a ``WebURL``.
public struct Attribute: Sendable, Equatable {
    let name: String
    let value: String?

    private init(_ name: StaticString, _ value: String?) {
        self.name = name.description
        self.value = value
    }

    public static func href(_ url: WebURL) -> Attribute { Attribute("href", url.text) }
    public static func src(_ url: WebURL) -> Attribute { Attribute("src", url.text) }
    public static func action(_ url: WebURL) -> Attribute { Attribute("action", url.text) }

    /// As if the answer had this field.
    public static func equivalent(to field: StaticString) -> Attribute { Attribute("http-equiv", field.description) }
    public static func `class`(_ names: StaticString) -> Attribute { Attribute("class", names.description) }
    public static func id(_ name: StaticString) -> Attribute { Attribute("id", name.description) }
    public static func `for`(_ id: StaticString) -> Attribute { Attribute("for", id.description) }
    public static func name(_ name: StaticString) -> Attribute { Attribute("name", name.description) }
    public static func type(_ type: StaticString) -> Attribute { Attribute("type", type.description) }
    public static func relation(_ relation: StaticString) -> Attribute { Attribute("rel", relation.description) }
    public static func scope(_ scope: StaticString) -> Attribute { Attribute("scope", scope.description) }
    public static func method(_ method: StaticString) -> Attribute { Attribute("method", method.description) }
    public static func encoding(_ type: StaticString) -> Attribute { Attribute("enctype", type.description) }
    public static func preload(_ what: StaticString) -> Attribute { Attribute("preload", what.description) }
    public static func role(_ role: StaticString) -> Attribute { Attribute("role", role.description) }
    public static func autocomplete(_ what: StaticString) -> Attribute { Attribute("autocomplete", what.description) }

    public static func alt(_ text: String) -> Attribute { Attribute("alt", text) }
    public static func content(_ text: String) -> Attribute { Attribute("content", text) }
    public static func value(_ text: String) -> Attribute { Attribute("value", text) }
    public static func dateTime(_ text: String) -> Attribute { Attribute("datetime", text) }
    public static func label(_ text: String) -> Attribute { Attribute("aria-label", text) }
    public static func labelled(by id: StaticString) -> Attribute { Attribute("aria-labelledby", id.description) }
    public static func described(by id: StaticString) -> Attribute { Attribute("aria-describedby", id.description) }
    public static func sorted(_ direction: StaticString) -> Attribute { Attribute("aria-sort", direction.description) }
    public static func tabIndex(_ index: Int) -> Attribute { Attribute("tabindex", String(index)) }

    public static let currentPage = Attribute("aria-current", "page")
    public static let hiddenFromReaders = Attribute("aria-hidden", "true")
    public static let hidden = Attribute("hidden", nil)
    public static let multiple = Attribute("multiple", nil)
    public static let required = Attribute("required", nil)
    public static let controls = Attribute("controls", nil)
    public static let lazy = Attribute("loading", "lazy")
    public static let download = Attribute("download", nil)
    public static let module = Attribute("type", "module")
    public static let deferred = Attribute("defer", nil)
}
