extension HTTPDate {
    /// Reads the three forms that a recipient must know (RFC 9110 §5.6.7): IMF-fixdate, RFC 850 and asctime.
    ///
    /// The day's name is not compared with the date: it says nothing that the rest does not. `now` settles the century
    /// of RFC 850's two-digit year: what seems more than 50 years ahead is in the past.
    public init?(parsing text: some StringProtocol, now: HTTPDate) {
        guard text.utf8.count <= 40 else { return nil }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        let time: CivilTime?
        switch parts.count {
        case 6: time = Self.fixdate(parts) ?? Self.asctime(parts)
        case 4: time = Self.rfc850(parts, now: now)
        case 5: time = Self.asctime(parts)
        default: time = nil
        }
        guard let time, time.isValid else { return nil }
        self.init(secondsSinceEpoch: time.secondsSinceEpoch)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func fixdate<Text: StringProtocol>(_ parts: [Text]) -> CivilTime? {
        guard days.contains(where: { parts[0] == $0 + "," }), parts[5] == "GMT" else { return nil }
        guard let day = number(parts[1], 2), let month = month(parts[2]), let year = number(parts[3], 4) else {
            return nil
        }
        return time(year: year, month: month, day: day, clock: parts[4])
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850<Text: StringProtocol>(_ parts: [Text], now: HTTPDate) -> CivilTime? {
        let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard names.contains(where: { parts[0] == $0 + "," }), parts[3] == "GMT", date.count == 3 else { return nil }
        guard let day = number(date[0], 2), let month = month(date[1]), let short = number(date[2], 2) else {
            return nil
        }
        let present = Int(CivilTime(secondsSinceEpoch: now.secondsSinceEpoch).year)
        var year = present / 100 * 100 + short
        if year > present + 50 { year -= 100 }
        return time(year: year, month: month, day: day, clock: parts[2])
    }

    /// `Sun Nov  6 08:49:37 1994`, where a day of one digit has two spaces before it.
    private static func asctime<Text: StringProtocol>(_ parts: [Text]) -> CivilTime? {
        var parts = parts
        let isPadded = parts.count == 6
        if isPadded { guard parts.remove(at: 2).isEmpty else { return nil } }
        guard days.contains(where: { parts[0] == $0 }), let month = month(parts[1]),
            let day = number(parts[2], isPadded ? 1 : 2), let year = number(parts[4], 4)
        else { return nil }
        return time(year: year, month: month, day: day, clock: parts[3])
    }

    private static func time(year: Int, month: Int, day: Int, clock: some StringProtocol) -> CivilTime? {
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0], 2), let minute = number(parts[1], 2),
            let second = number(parts[2], 2)
        else { return nil }
        return CivilTime(year: Int64(year), month: month, day: day, hour: hour, minute: minute, second: second)
    }

    private static func month(_ name: some StringProtocol) -> Int? {
        months.firstIndex { $0 == name }.map { $0 + 1 }
    }

    /// Exactly `count` digits.
    private static func number(_ text: some StringProtocol, _ count: Int) -> Int? {
        guard text.utf8.count == count, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
