import Lab
import Metainfo

/// Who runs a lab: the network that is built for it, or virtual time.
enum LabRunners {
    static func runner(_ place: LabSettings.Place, seed: UInt64, console: Console) throws -> any LabRunner {
        switch place {
        case .real: try real(seed: seed, console: console)
        case .simulated: SimulatedLab(seed: seed)
        }
    }

    private static func real(seed: UInt64, console: Console) throws(LabFailure) -> any LabRunner {
        #if os(Linux)
            let lab = try RealLab(seed: seed)
            if lab.leftovers > 0 {
                let count = ByteCount.counted(lab.leftovers, "lab")
                console.remark("Took down what \(count) had left that ended abruptly.")
            }
            return lab
        #else
            throw .needsLinux
        #endif
    }
}
