/// A service that takes some requests' bodies as they arrive instead of whole: uploads, of any length.
public protocol HTTPUploadService: HTTPService {
    /// Whether the body of this request is to be streamed; asked with its head alone, on the event loop.
    func streamsBody(of request: HTTPRequest) -> Bool

    /// Answers a request whose body comes by and by; `request.body` is empty.
    ///
    /// It need not take all of the body. What is left is not read: the connection ends with the answer. A client that
    /// asked first whether its body is welcome (`Expect: 100-continue`) is told so when the body is first asked for.
    func answer(_ request: HTTPRequest, body: HTTPBodyStream) async -> HTTPReply
}
