/// What a lab measured, as files for people and programs: a page, two tables and everything as JSON.
///
/// The same measurements give the same bytes: there is no date, path or machine name in them, and numbers look alike
/// whatever the language of the computer.
public struct LabReport: Sendable {
    public var settings: LabSettings
    /// In ascending order of receivers, both models with each count.
    public var comparisons: [Comparison]
    /// The ready scenario that was run, if it was one: its title and explanation, and the links of its hosts.
    public var scenario: LabScenario?

    public init(settings: LabSettings, comparisons: [Comparison], scenario: LabScenario? = nil) {
        self.settings = settings
        self.comparisons = comparisons.sorted { $0.receivers < $1.receivers }
        self.scenario = scenario
    }

    /// The result in one sentence, computed from the largest count of receivers.
    public var headline: String { Verdict(self).headline.map(\.text).joined() }

    /// Writes `index.html`, `results.csv`, `hosts.csv` and `report.json` into a folder, which is made if missing.
    ///
    /// Files of these names that are there already are replaced. When something fails, none of the four has changed
    /// unless the failure is in the last step, giving them their names; no file is ever there in part.
    ///
    /// - Returns: the paths of the four files, the page first.
    /// - Throws: ``LabReportError``.
    @discardableResult
    public func write(to directory: String) throws -> [String] {
        try ReportFolder(directory).put(files())
    }

    func files() -> [(name: String, text: String)] {
        [
            ("index.html", ReportPage(self).html),
            ("results.csv", ReportTables.results(comparisons)),
            ("hosts.csv", ReportTables.hosts(comparisons)),
            ("report.json", ReportDocument.json(self)),
        ]
    }
}
