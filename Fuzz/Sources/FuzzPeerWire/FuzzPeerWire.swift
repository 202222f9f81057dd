import Metainfo
import NIOCore
import PeerWire

/// A peer's bytes: handshake, then messages. The first byte says how they are cut into reads.
///
/// However they are cut, the same must come out; what comes out must be written and read again the same; memory must
/// stay bounded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPeerWire(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let first = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let cut = 1 + Int(first)

    var handshake = ByteBuffer(bytes: bytes)
    var decoder = HandshakeDecoder()
    while let step = try? decoder.decode(&handshake), step != .needMore {
        if case .complete(let found) = step {
            var written = ByteBuffer()
            found.encode(into: &written)
            precondition(Array(written.readableBytesView) == Array(bytes.prefix(Handshake.length)))
            break
        }
    }

    let whole = read(bytes, cut: bytes.count)
    precondition(whole == read(bytes, cut: cut), "reads of \(cut) bytes give something else")
    for case .message(let message) in whole.items { checkRoundTrip(message) }

    let text = String(decoding: bytes.prefix(128), as: UTF8.self)
    if let address = PeerAddress(parsing: text) {
        precondition(PeerAddress(parsing: address.description) == address)
        precondition(address.zone != nil || PeerAddress(compact: address.compact) == address)
    }
    return 0
}

private struct Outcome: Equatable {
    var items: [WireItem] = []
    var failure: PeerWireError?
}

private func read(_ bytes: [UInt8], cut: Int) -> Outcome {
    var framer = MessageFramer()
    var outcome = Outcome()
    for start in stride(from: 0, to: bytes.count, by: max(1, cut)) {
        framer.append(ByteBuffer(bytes: bytes[start..<min(start + cut, bytes.count)]))
        do throws(PeerWireError) {
            while let item = try framer.next() { outcome.items.append(item) }
        } catch {
            outcome.failure = error
            return outcome
        }
        precondition(framer.bufferedBytes < 1 << 19)
    }
    return outcome
}

private func checkRoundTrip(_ message: PeerMessage) {
    var buffer = ByteBuffer()
    guard message.encode(into: &buffer, peerExtensions: .ours) else { return }
    let again = read(Array(buffer.readableBytesView), cut: buffer.readableBytes)
    // Its body was skipped, and without one a known id is refused.
    if case .extended(.unknown) = message { return }
    precondition(again == Outcome(items: [.message(message)]), "\(message) became \(again)")
}
