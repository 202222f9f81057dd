import Metainfo
import PeerWire

/// Extension handshakes (BEP 10), metadata (BEP 9), peer exchange (BEP 11), partial seeds (BEP 21).
extension SwarmEngine {
    func ownExtendedHandshake(for peer: Peer) -> PeerMessage {
        .extended(
            .handshake(
                ExtendedHandshake(
                    ids: ownExtensionIDs, listenPort: configuration.listenPort, client: configuration.clientName,
                    yourIP: peer.introduction.address.ipBytes, requestQueue: configuration.incomingRequestLimit,
                    metadataSize: transfer?.info.encoded.count,
                    uploadOnly: transfer.map { $0.picker.isComplete })))
    }

    func receive(_ message: ExtendedMessage, from peer: Peer, now: Instant) {
        switch message {
        case .handshake(let handshake): introduce(peer, handshake, now: now)
        case .metadata(let metadata): receive(metadata, from: peer, now: now)
        case .pex(let exchange): receive(exchange, from: peer, now: now)
        case .dontHave(let piece): lostPiece(piece, by: peer, now: now)
        case .uploadOnly(let isUploadOnly):
            peer.isUploadOnly = isUploadOnly
            dropIfRedundant(peer, now: now)
        case .unknown: break
        }
    }

    /// A torrent that asks to stay private takes no addresses from peers and gives none (BEP 27).
    private var isPrivate: Bool { transfer?.info.isPrivate ?? false }

    private var ownExtensionIDs: ExtensionIDs {
        var ids = ExtensionIDs.ours
        // Off, not merely unsaid: before a magnet's description was known it may have been on.
        if isPrivate { ids.pex = 0 }
        return ids
    }

    private func introduce(_ peer: Peer, _ handshake: ExtendedHandshake, now: Instant) {
        peer.extensions.merge(handshake.ids)
        if let limit = handshake.requestQueue { peer.requestLimit = min(limit, 1 << 16) }
        if let size = handshake.metadataSize, size <= configuration.maximumMetadataSize { peer.metadataSize = size }
        // The first word counts: one that names a port after the other would fill the directory.
        if let port = handshake.listenPort, !peer.introduction.isOutgoing, peer.listenAddress == nil {
            let address = peer.introduction.address.withPort(port)
            peer.addListenAddress(address)
            directory.add(address, from: .incoming)
            directory.connected(address)
        }
        if let seen = handshake.yourIP { voteForOwnAddress(seen, by: peer) }
        if let isUploadOnly = handshake.uploadOnly { peer.isUploadOnly = isUploadOnly }
        requestMetadata(from: peer, now: now)
        tellPeers(to: peer, now: now)
        dropIfRedundant(peer, now: now)
    }

    func tellUploadOnly(to peer: Peer, now: Instant) {
        guard peer.introduction.supportsExtensions else { return }
        if peer.extensions.id(for: .uploadOnly) != nil {
            send(.extended(.uploadOnly(true)), to: peer, now: now)
        } else {
            send(ownExtendedHandshake(for: peer), to: peer, now: now)
        }
    }

    /// Nobody's word alone says which address this host has; the latest that two peers agree on does.
    private func voteForOwnAddress(_ bytes: [UInt8], by peer: Peer) {
        guard let port = configuration.listenPort, let address = PeerAddress(ipBytes: bytes, port: port) else { return }
        if lastSeenVote == address { seenAddress = address }
        lastSeenVote = address
    }

    // MARK: Metadata

    func requestMetadataFromAll(now: Instant) {
        guard metadata != nil else { return }
        metadata?.keepOnly(sizes: Set(peers.values.compactMap(\.metadataSize)))
        for peer in orderedPeers { requestMetadata(from: peer, now: now) }
    }

    func requestMetadata(from peer: Peer, now: Instant) {
        guard !peer.isGone, let size = peer.metadataSize, size > 0,
            peer.extensions.id(for: .metadata) != nil
        else { return }
        for block in metadata?.requests(to: peer.key, size: size, now: now) ?? [] {
            send(.extended(.metadata(.request(piece: block))), to: peer, now: now)
        }
    }

    private func receive(_ message: MetadataMessage, from peer: Peer, now: Instant) {
        switch message {
        case .request(let block): serveMetadata(block, to: peer, now: now)
        case .reject: metadata?.passOver(peer.key, now: now)
        case .data(let block, let size, let bytes):
            guard let outcome = metadata?.receive(block: block, size: size, bytes: bytes, from: peer.key) else {
                return
            }
            switch outcome {
            case .complete(let whole, let contributors):
                metadataCompleted(whole, contributors: contributors, now: now)
            case .unusable: metadata?.passOver(peer.key, now: now)
            case .incomplete: break
            }
            requestMetadata(from: peer, now: now)
        }
    }

    private func serveMetadata(_ block: Int, to peer: Peer, now: Instant) {
        guard peer.extensions.id(for: .metadata) != nil else { return }
        guard let encoded = transfer?.info.encoded, block >= 0, block < MetadataExchange.blockCount(encoded.count),
            peer.answerBudget >= MetadataExchange.blockLength
        else {
            return send(.extended(.metadata(.reject(piece: block))), to: peer, now: now)
        }
        peer.answerBudget -= MetadataExchange.blockLength
        let start = block * MetadataExchange.blockLength
        let bytes = Array(encoded[start..<min(start + MetadataExchange.blockLength, encoded.count)])
        send(.extended(.metadata(.data(piece: block, totalSize: encoded.count, bytes: bytes))), to: peer, now: now)
    }

    private func metadataCompleted(_ bytes: [UInt8], contributors: [PeerKey], now: Instant) {
        guard let info = try? TorrentInfo(encoded: bytes, expecting: hashes) else {
            // One sender of all of it is to blame; of several it is unknown who, so each has to try alone next time.
            if contributors.count == 1 {
                if let liar = peers[contributors[0]] { drop(liar, .corruptData, now: now) }
            } else {
                metadata?.separate(contributors)
            }
            return
        }
        metadata = nil
        actions.append(.metadataReceived(info))
    }

    // MARK: Peer exchange

    private static let exchangeInterval = TimeSpan.seconds(60)
    private static let exchangeLimit = 50

    private func receive(_ exchange: PexMessage, from peer: Peer, now: Instant) {
        guard !isPrivate, metadata != nil || transfer != nil else { return }
        // One a minute is the rule; a little more is tolerated, a flood is not.
        peer.exchangeMessages += 1
        let minutes = Int((now - peer.connectedAt).inSeconds / 60)
        guard peer.exchangeMessages <= 2 * minutes + 6 else {
            return drop(peer, .protocolViolation("too many peer exchange messages"), now: now)
        }
        for added in exchange.added.prefix(Self.exchangeLimit * 2) {
            // A link-local address means something only on the link it was heard on.
            let zone = peer.introduction.address.zone
            let address = added.address.isLinkLocal && zone != nil ? added.address.withZone(zone) : added.address
            // An outsider has no business in pointing this host at its own loopback.
            guard !address.isLoopback || peer.introduction.address.isLoopback else { continue }
            directory.add(address, from: .exchange)
        }
        dial(now: now)
    }

    func exchangePeers(now: Instant) {
        for peer in orderedPeers {
            tellPeers(to: peer, now: now)
        }
    }

    /// Tells a peer of those that came and went since it was told last.
    private func tellPeers(to peer: Peer, now: Instant) {
        // Whether a torrent is private is known only with its description.
        guard transfer != nil, !isPrivate, peer.extensions.id(for: .pex) != nil else { return }
        if let last = peer.lastExchangeAt, now - last < Self.exchangeInterval { return }
        let reachable = orderedPeers.filter { $0 !== peer }.compactMap { other in
            other.listenAddress.map { (address: $0, isSeed: other.hasEverything) }
        }
        let present = Set(reachable.map(\.address))
        let gone = peer.exchangedPeers.subtracting(present).sorted { $0.description < $1.description }
            .prefix(Self.exchangeLimit)
        let new = reachable.filter { !peer.exchangedPeers.contains($0.address) }.prefix(Self.exchangeLimit)
        peer.lastExchangeAt = now
        guard !new.isEmpty || !gone.isEmpty else { return }
        for address in gone { peer.exchangedPeers.remove(address) }
        for other in new { peer.exchangedPeers.insert(other.address) }
        let added = new.map { PexMessage.Peer(address: $0.address, flags: $0.isSeed ? [.uploadOnly] : []) }
        send(.extended(.pex(PexMessage(added: added, dropped: Array(gone)))), to: peer, now: now)
    }
}
