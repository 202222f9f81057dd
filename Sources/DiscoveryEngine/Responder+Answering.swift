import DiscoveryWire
import PeerWire

/// Answers to questions (RFC 6762 §6 and §7).
extension Responder {
    private static let maximumQuestions = 128

    mutating func heard(
        question message: DNSMessage, from datagram: ReceivedDatagram, network: Network, now: Duration,
        outbox: inout Outbox
    ) {
        let link = datagram.link
        let isNeighbour = network.isNeighbour(datagram.source, on: link.interface)
        guard links[link] != nil, datagram.isMulticast || isNeighbour else { return }
        let isLegacy = datagram.source.port != multicastDNSPort
        let isProbe = !message.authorities.isEmpty
        if isProbe, !isLegacy { heard(probe: message, on: link.interface, network: network, now: now) }

        let records = records(on: link.interface, network: network)
        if message.questions.isEmpty { return hearMoreKnownAnswers(message, from: datagram, now: now) }
        if isLegacy {
            guard isNeighbour, links[link]?.mayAnswerByUnicast(now: now) ?? false else { return }
            return answerLegacy(message, from: datagram, records: records, outbox: &outbox)
        }

        var unicast: [DNSRecord] = []
        var multicast: [DNSRecord] = []
        for question in message.questions.prefix(Self.maximumQuestions) {
            let answers = answers(to: question, among: records).filter { answer in
                !message.answers.contains { $0.isSame(as: answer) && $0.timeToLive >= answer.timeToLive / 2 }
            }
            for answer in answers {
                let wantsUnicast = (question.unicastReply || !datagram.isMulticast) && isNeighbour
                let quarter = Duration.seconds(Int64(answer.timeToLive / 4))
                if wantsUnicast, links[link]?.wasTold(answer, within: quarter, now: now) ?? false {
                    if !unicast.contains(answer) { unicast.append(answer) }
                } else if !multicast.contains(answer) {
                    multicast.append(answer)
                }
            }
        }
        if !unicast.isEmpty, links[link]?.mayAnswerByUnicast(now: now) ?? false {
            let additional = additional(to: unicast, among: records)
            for bytes in Outbox.responses(unicast, additional: additional) {
                outbox.unicast(bytes, on: link, to: datagram.source)
            }
        }
        guard !multicast.isEmpty else { return }
        if message.isTruncated {
            hold(multicast, from: datagram, now: now)
        } else if isProbe {
            links[link]?.add(multicast, now: now, due: now, pause: .milliseconds(250))
        } else {
            // Somebody else may have an answer as well, unless there is one question and it is ours alone (§6.3).
            let isShared = message.questions.count > 1 || multicast.contains { !$0.cacheFlush }
            let due = isShared ? now + generator.milliseconds(20...120) : now
            links[link]?.add(multicast, now: now, due: due)
        }
        answer(on: link, network: network, now: now, outbox: &outbox)
    }

    /// Sends what is due on a link.
    mutating func answer(on link: LinkID, network: Network, now: Duration, outbox: inout Outbox) {
        guard var queue = links[link] else { return }
        for question in queue.held where question.due <= now { queue.add(question.answers, now: now, due: now) }
        queue.held.removeAll { $0.due <= now }
        let answers = queue.takeDue(now: now)
        if !answers.isEmpty {
            let records = records(on: link.interface, network: network)
            let additional = additional(to: answers, among: records).filter { queue.mayTell($0, now: now) }
            outbox.multicast(answers, additional: additional, on: link, now: now)
            queue.sent(answers + additional, now: now)
        }
        links[link] = queue
    }

    // MARK: Helpers

    private func answers(to question: DNSQuestion, among records: [DNSRecord]) -> [DNSRecord] {
        let found = records.filter { question.isAnswered(by: $0) }
        guard found.isEmpty, question.recordClass == 1 || question.recordClass == 255 else { return found }
        return denial(of: question.name, among: records).map { [$0] } ?? []
    }

    /// Answers a plain DNS client: by unicast, with its id and questions, short lives and no bits that it does not know
    /// (RFC 6762 §6.7).
    private func answerLegacy(
        _ message: DNSMessage, from datagram: ReceivedDatagram, records: [DNSRecord], outbox: inout Outbox
    ) {
        func plain(_ record: DNSRecord) -> DNSRecord {
            var record = record
            record.cacheFlush = false
            record.timeToLive = min(record.timeToLive, 10)
            return record
        }
        let questions = message.questions.prefix(8)
        let found = questions.flatMap { answers(to: $0, among: records) }
        guard !found.isEmpty else { return }
        var writer = DNSWriter(
            id: message.id, isResponse: true, limit: Outbox.usualLength, compressesService: false)
        for var question in questions {
            question.unicastReply = false
            _ = writer.add(question)
        }
        for record in found { _ = writer.add(plain(record), to: .answer) }
        for record in additional(to: found, among: records) where !found.contains(record) {
            _ = writer.add(plain(record), to: .additional)
        }
        outbox.unicast(writer.finished(), on: datagram.link, to: datagram.source)
    }

    private mutating func hold(_ answers: [DNSRecord], from datagram: ReceivedDatagram, now: Duration) {
        let due = now + generator.milliseconds(400...500)
        guard let queue = links[datagram.link], queue.held.count < HeldQuestion.maximumCount else { return }
        if let index = queue.held.firstIndex(where: { $0.source == datagram.source }) {
            links[datagram.link]?.held[index].answers += answers.filter { !queue.held[index].answers.contains($0) }
            links[datagram.link]?.held[index].due = due
        } else {
            links[datagram.link]?.held.append(HeldQuestion(source: datagram.source, answers: answers, due: due))
        }
    }

    private mutating func hearMoreKnownAnswers(_ message: DNSMessage, from datagram: ReceivedDatagram, now: Duration) {
        let index = links[datagram.link]?.held.firstIndex { $0.source == datagram.source }
        guard let index else { return }
        links[datagram.link]?.held[index].answers.removeAll { answer in
            message.answers.contains { $0.isSame(as: answer) && $0.timeToLive >= answer.timeToLive / 2 }
        }
        if message.isTruncated { links[datagram.link]?.held[index].due = now + generator.milliseconds(400...500) }
    }
}

/// Where multicast DNS lives.
let multicastDNSPort: UInt16 = 5353
