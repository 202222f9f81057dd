import Synchronization
import Transport

/// A body that is counted as it leaves, in steps that are small enough to be seen moving.
final class CountedBody: HTTPBodySource {
    private struct State {
        /// What is left of a part of a file that goes out step by step.
        var rest: (file: HTTPFile, range: Range<Int64>)?
        /// Handed out and not yet asked beyond: it is on its way.
        var leaving: Int64 = 0
        var isStep = false
        var since = ContinuousClock.now
        var step = CountedBody.steps.lowerBound
    }

    /// As long as a step takes about a third of a second, or until it is as long as what is sent in one go.
    private static let steps: ClosedRange<Int64> = (64 << 10)...HTTPFile.stepLength

    private let body: any HTTPBodySource
    private let visitor: String
    private let traffic: WebTraffic
    private let state = Mutex(State())

    init(_ body: any HTTPBodySource, to visitor: String, _ traffic: WebTraffic) {
        self.body = body
        self.visitor = visitor
        self.traffic = traffic
        traffic.begin()
    }

    deinit { traffic.end() }

    func next() async throws -> HTTPBodyPart? {
        let (left, part) = state.withLock { state in
            let left = state.leaving
            if state.isStep { Self.adapt(&state) }
            state.leaving = 0
            return (left, Self.cut(&state))
        }
        traffic.count(left, .sent, with: visitor)
        if let part { return part }
        switch try await body.next() {
        case nil: return nil
        case .bytes(let bytes)?:
            state.withLock { state in
                state.leaving = Int64(bytes.count)
                state.isStep = false
            }
            return .bytes(bytes)
        case .file(let file, let range)?:
            return state.withLock { state in
                state.rest = (file, range)
                return Self.cut(&state)
            }
        }
    }

    private static func cut(_ state: inout State) -> HTTPBodyPart? {
        guard let (file, range) = state.rest else { return nil }
        let end = min(range.upperBound, range.lowerBound + state.step)
        state.rest = end < range.upperBound ? (file, end..<range.upperBound) : nil
        state.leaving = end - range.lowerBound
        state.isStep = true
        state.since = .now
        return .file(file, range.lowerBound..<end)
    }

    private static func adapt(_ state: inout State) {
        let time = ContinuousClock.now - state.since
        if time < .milliseconds(150) { state.step = min(state.step * 2, steps.upperBound) }
        if time > .milliseconds(500) { state.step = max(state.step / 2, steps.lowerBound) }
    }
}
