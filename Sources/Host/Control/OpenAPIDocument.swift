/// The description of the control API (OpenAPI 3.1), made from its table of routes.
enum OpenAPIDocument {
    static let bytes: [UInt8] = Array((text + "\n").utf8)

    private static var text: String {
        let schemas = Schema.models.map { "\(Schema.quoted($0.name)):\($0.schema.json)" }.joined(separator: ",")
        return #"{"openapi":"3.1.0","info":{"title":"Duplex control API","version":"\#(DuplexVersion.text)","#
            + #""description":"How commands and pages use a running host. HTTP/1.1 over its control socket."},"#
            + #""paths":{\#(paths)},"components":{"schemas":{\#(schemas)}}}"#
    }

    private static var paths: String {
        var order: [String] = []
        var operations: [String: [String]] = [:]
        for route in ControlRoute.all {
            let path = "/" + route.path.joined(separator: "/")
            if operations[path] == nil { order.append(path) }
            operations[path, default: []].append(operation(route))
        }
        return order.map { "\(Schema.quoted($0)):{\((operations[$0] ?? []).joined(separator: ","))}" }
            .joined(separator: ",")
    }

    private static func operation(_ route: ControlRoute) -> String {
        var members = [#""summary":\#(Schema.quoted(route.summary))"#]
        let placeholders = route.path.compactMap(ControlRoute.placeholder).map {
            #"{"name":\#(Schema.quoted($0)),"in":"path","required":true,"schema":{"type":"string","minLength":1}}"#
        }
        let queries = route.parameters.map {
            #"{"name":\#(Schema.quoted($0.name)),"in":"query","required":\#($0.isRequired),"#
                + #""description":\#(Schema.quoted($0.description)),"schema":{"type":"string"}}"#
        }
        if !(placeholders + queries).isEmpty {
            members.append(#""parameters":[\#((placeholders + queries).joined(separator: ","))]"#)
        }
        if let body = route.body {
            members.append(#""requestBody":{"required":true,"content":{"application/json":{"schema":\#(body.json)}}}"#)
        }
        members.append(#""responses":{\#(route.answers.map(answer).joined(separator: ","))}"#)
        return "\(Schema.quoted(route.method.lowercased())):{\(members.joined(separator: ","))}"
    }

    private static func answer(_ answer: (status: Int, description: String, schema: Schema?)) -> String {
        let content = answer.schema.map { #","content":{"application/json":{"schema":\#($0.json)}}"# } ?? ""
        return #""\#(answer.status)":{"description":\#(Schema.quoted(answer.description))\#(content)}"#
    }
}
