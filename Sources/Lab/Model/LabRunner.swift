/// Where scenarios run: under virtual time, or in network namespaces of this computer.
public protocol LabRunner: Sendable {
    /// Payload bytes a second that a link of so many bits a second carries; the bounds count with it.
    func payloadRate(ofLink bitsPerSecond: Int64) -> Double

    /// Looks whether the scenario can be run here, before anything is begun.
    ///
    /// - Throws: ``LabFailure`` if not.
    func check(_ scenario: LabScenario) throws(LabFailure)

    /// Why the result may not be worth much here, in a sentence for people; nil if there is no reason.
    func doubt(_ scenario: LabScenario) -> String?

    /// Delivers the scenario's file from its source to its receivers and tells what happened.
    ///
    /// Ends early, with everything taken down, when the task is cancelled.
    ///
    /// - Parameter progress: called a few times a second, from any thread.
    func run(
        _ scenario: LabScenario, by model: DeliveryModel, progress: @escaping @Sendable (LabProgress) -> Void
    ) async throws -> LabRun
}

extension LabRunner {
    public func check(_ scenario: LabScenario) throws(LabFailure) {}
    public func doubt(_ scenario: LabScenario) -> String? { nil }
}
