import Metainfo
import Storage
import Transport
import WebWire

/// Why something is not taken, in words for whoever sent it. They tell nothing of this computer.
enum UploadError: Error, Equatable {
    /// This share does not take files.
    case notAnInbox
    case noSuchShare
    /// A page of another site sent it by somebody's browser.
    case foreign
    case malformed(String)
    case badName(String)
    /// The most that is taken, bytes.
    case tooLarge(Int64)
    /// More came than was announced.
    case tooLong
    case inboxFull
    case diskFull
    /// Too many from this address.
    case tooMany
    case busy
    /// Of the upload, bytes.
    case wrongOffset(Int64)
    /// There is no such upload, or not any more.
    case unknown
    /// Its client goes on in another request.
    case replaced
    case tooSlow
    /// The connection was lost.
    case cutOff
    /// A file or link stands where a folder should be.
    case occupied
    /// The inbox's folder is not there now.
    case missing
    /// The disk does not do it.
    case failed

    init(_ error: any Error) {
        switch error {
        case let error as UploadError: self = error
        case let error as StorageError: self.init(error)
        case let error as RequestPathError: self = error.isOfName ? .badName(error.reason) : .malformed(error.reason)
        case HTTPBodyError.tooSlow: self = .tooSlow
        case HTTPBodyError.replaced: self = .replaced
        case is HTTPBodyError: self = .cutOff
        default: self = .failed
        }
    }

    private init(_ error: StorageError) {
        switch error.kind {
        case .diskFull: self = .diskFull
        case .missing: self = .missing
        case .unsafePath, .occupied: self = .occupied
        default: self = .failed
        }
    }

    var status: Int {
        switch self {
        case .notAnInbox, .foreign: 403
        case .malformed, .cutOff: 400
        case .badName: 422
        case .tooLarge, .tooLong: 413
        case .inboxFull, .diskFull: 507
        case .tooMany: 429
        case .busy, .missing: 503
        case .wrongOffset, .replaced, .occupied: 409
        case .unknown, .noSuchShare: 404
        case .tooSlow: 408
        case .failed: 500
        }
    }

    /// Seconds after which it may be tried again; nil where that does not help.
    var retryAfter: Int? {
        switch self {
        case .tooMany, .busy: 5
        case .missing: 30
        default: nil
        }
    }

    var text: String {
        switch self {
        case .notAnInbox: "this share does not take uploads"
        case .noSuchShare: "there is no share of that name"
        case .foreign: "the page of another site cannot upload here"
        case .malformed(let what): what
        case .badName(let why): "this name cannot be used, \(why); give the file another one"
        case .tooLarge(let most): "the file is too large, this host takes at most \(ByteCount.size(most)) a file"
        case .tooLong: "more came than was announced"
        case .inboxFull: "this inbox has as many files as it may have"
        case .diskFull: "the disk of this host is full, nothing more is taken until there is room"
        case .tooMany: "too many uploads from your address at the same time, wait until some have ended"
        case .busy: "this host receives as much as it can, try again in a moment"
        case .wrongOffset(let offset): "the upload goes on at byte \(offset)"
        case .unknown: "there is no such upload, or it was given up; begin it again"
        case .replaced: "the upload goes on in another request"
        case .tooSlow: "too little arrived, the connection is too slow or was lost"
        case .cutOff: "the connection was lost"
        case .occupied: "a file stands where a folder of that name should be, choose another name"
        case .missing: "the folder of this inbox is not there at the moment, try again later"
        case .failed: "this host cannot write the file; its owner can see why"
        }
    }
}

extension RequestPathError {
    /// Whether another name of the file would do.
    fileprivate var isOfName: Bool {
        switch self {
        case .tooLong, .notUTF8, .forbiddenCharacter, .traversal: true
        case .notOriginForm, .emptyComponent, .invalidEscape: false
        }
    }

    fileprivate var reason: String {
        switch self {
        case .tooLong: "it is longer than \(RequestPath.maximumComponentLength) bytes, or in too many folders"
        case .notUTF8: "it is not UTF-8"
        case .forbiddenCharacter: "it has a slash, a backslash or a control character in it"
        case .traversal: "it leads out of the folder"
        case .notOriginForm: "the address must begin with a slash"
        case .emptyComponent: "the address has two slashes in a row"
        case .invalidEscape: "the address has a % that is not followed by two hexadecimal digits"
        }
    }
}
