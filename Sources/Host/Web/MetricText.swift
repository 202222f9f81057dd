import Synchronization

/// Counts what the web side does.
final class WebFigures: Sendable {
    private let answers = Mutex<[Int: Int64]>([:])
    let visitors = WebTraffic()

    func count(status: Int) {
        answers.withLock { $0[status, default: 0] += 1 }
    }

    var byStatus: [(status: Int, count: Int64)] {
        answers.withLock { all in all.map { ($0.key, $0.value) } }.sorted { $0.status < $1.status }
    }
}

extension FigureModel {
    /// All numbers of the table.
    static func all(_ measured: Metric.Measured) -> [FigureModel] {
        Metric.all.flatMap { metric in
            metric.samples(measured).map {
                FigureModel(
                    name: metric.name, labels: $0.labels, value: $0.value, title: metric.title,
                    unit: metric.unit.rawValue)
            }
        }
    }
}

/// The table in the text format of Prometheus, version 0.0.4: what `/metrics` answers.
enum MetricText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ figures: [FigureModel]) -> String {
        var text = ""
        for metric in Metric.all {
            let own = figures.filter { $0.name == metric.name }
            guard !own.isEmpty else { continue }
            text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for figure in own { text += "\(metric.name)\(labels(figure)) \(figure.value)\n" }
        }
        return text
    }

    private static func labels(_ figure: FigureModel) -> String {
        guard !figure.labels.isEmpty else { return "" }
        return "{" + figure.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }
}
