import NIOCore
import Transport
import WebWire

/// Files from a form (`multipart/form-data`), as a browser without scripts sends them, or `curl -F`.
extension WebService {
    /// The file that is being read out of a form, and those before it.
    private struct Reading {
        var current: String?
        var files: [[String]] = []
    }

    func form(
        _ asked: WebRequest, _ inbox: Inbox, _ folder: [String], _ body: HTTPBodyStream, _ sender: UploadSender
    ) async throws -> HTTPReply {
        guard let type = asked.request.header("content-type"), var parser = FormDataParser(contentType: type) else {
            return .text(415, "send a form (multipart/form-data), or the file itself by PUT")
        }
        var reading = Reading()
        do {
            while let parts = try await body.next() {
                for part in parts {
                    for event in try parser.append(Array(part.readableBytesView)) {
                        try await take(event, &reading, inbox, folder, sender)
                    }
                }
            }
            guard parser.isComplete else { throw UploadError.cutOff }
            guard !reading.files.isEmpty else { throw UploadError.malformed("no file was chosen") }
            return uploaded(reading.files, inbox, folder, asked)
        } catch {
            if let id = reading.current { await uploads.abandon(id) }
            let known = error is FormDataError ? .malformed("the form cannot be read") : UploadError(error)
            return refusal(known, asked.request, after: reading.files.count)
        }
    }

    private func take(
        _ event: FormDataEvent, _ reading: inout Reading, _ inbox: Inbox, _ folder: [String], _ sender: UploadSender
    ) async throws {
        switch event {
        case .began(let part):
            guard let path = part.path else { return }
            reading.current = try await uploads.begin(
                in: inbox, at: folder + path, length: nil, from: sender, isResumable: false)
        case .data(let bytes):
            if let id = reading.current { try await uploads.append([ByteBuffer(bytes: bytes)], to: id) }
        case .ended:
            guard let id = reading.current else { return }
            reading.files.append(try await uploads.finish(id))
            reading.current = nil
        }
    }
}
