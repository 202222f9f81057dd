/// What the fuzzers once crashed on (`Fuzz/FailCases`), and their seeds (`Fuzz/Corpus`).
public enum FuzzInputs {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Name and bytes of each; the folder of crashes is missing while there are none.
    public static func all(_ target: String) throws -> [(name: String, bytes: [UInt8])] {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let inputs = ["Corpus", "FailCases"].flatMap { folder in
            let path = "\(root)/Fuzz/\(folder)/\(target)"
            return FolderTree.names(path).map { ("\(folder)/\($0)", FolderTree.read("\(path)/\($0)") ?? []) }
        }
        guard !inputs.isEmpty else { throw Missing(description: "there are no seeds of \(target)") }
        return inputs
    }
}
