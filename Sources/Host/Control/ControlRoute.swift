import Transport

/// One route of the control API: what it does, and what is said of it in the OpenAPI document.
struct ControlRoute: Sendable {
    typealias Handler = @Sendable (HostService, ControlCall) async throws -> HTTPReply

    let method: String
    /// Components; `{name}` stands for any text.
    let path: [String]
    let summary: String
    let parameters: [Parameter]
    let body: Schema?
    /// By status.
    let answers: [(status: Int, description: String, schema: Schema?)]
    let handler: Handler

    struct Parameter: Sendable {
        let name: String
        let description: String
        let isRequired: Bool
    }

    init(
        _ method: String, _ path: String, _ summary: String, query: [Parameter] = [], body: Schema? = nil,
        answers: [(status: Int, description: String, schema: Schema?)], handler: @escaping Handler
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.summary = summary
        parameters = query
        self.body = body
        self.answers = answers
        self.handler = handler
    }

    /// The names and what stands for them; nil if the path is another.
    func match(_ actual: [String]) -> [String: String]? {
        guard actual.count == path.count else { return nil }
        var names: [String: String] = [:]
        for (template, text) in zip(path, actual) {
            if let name = Self.placeholder(template) {
                names[name] = text
            } else if template != text {
                return nil
            }
        }
        return names
    }

    static func placeholder(_ component: String) -> String? {
        component.hasPrefix("{") && component.hasSuffix("}") ? String(component.dropFirst().dropLast()) : nil
    }
}
