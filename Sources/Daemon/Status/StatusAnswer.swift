/// An answer of the status server.
package struct StatusAnswer: Sendable, Equatable {
  package let status: String
  package let type: String
  package let body: String
  var isHead = false

  /// A page.
  package init(_ status: String = "200 OK", type: String = "text/plain; charset=utf-8", body: String) {
    (self.status, self.type, self.body) = (status, type, body)
  }

  static let badRequest = StatusAnswer("400 Bad Request", body: "not an HTTP/1.1 request\n")
  static let unauthorised = StatusAnswer("401 Unauthorized", body: "send Authorization: Bearer TOKEN\n")
  static let notFound = StatusAnswer("404 Not Found", body: "there are /healthz, /readyz, /metrics and /tracks\n")
  static let notAllowed = StatusAnswer("405 Method Not Allowed", body: "only GET and HEAD\n")
  static let tooSlow = StatusAnswer("408 Request Timeout", body: "the request took too long\n")
  static let tooLarge = StatusAnswer("431 Request Header Fields Too Large", body: "the request is too large\n")

  var bytes: [UInt8] {
    var head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
    head += "Cache-Control: no-store\r\nConnection: close\r\n"
    if self == .unauthorised { head += "WWW-Authenticate: Bearer\r\n" }
    if self == .notAllowed { head += "Allow: GET, HEAD\r\n" }
    return Array((head + "\r\n" + (isHead ? "" : body)).utf8)
  }
}
