/// What somebody may have meant who wrote a name that is not there.
enum Spelling {
    private static let longest = 64

    /// The name that takes the fewest letters to put in, take out or change, whatever their case; nil if none is near.
    static func closest(to text: String, among names: [String]) -> String? {
        let wanted = Array(text.lowercased())
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        let limit = max(1, wanted.count / 3)
        let near = names.filter { $0.count <= longest }.map { ($0, distance(wanted, Array($0.lowercased()))) }
        return near.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Levenshtein's.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, candidate) in other.enumerated() {
                let changed = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
