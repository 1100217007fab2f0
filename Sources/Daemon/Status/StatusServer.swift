import Foundation

/// Answers GET requests, one after the other, on a thread of its own. It only reads.
///
/// Our own few lines and no library: what a stranger may cost is bounded by them. A request has 8 KB and two seconds, a
/// connection one request. (FlyingFox bounds neither headers nor waiting; hummingbird doubles the time of a build.)
package final class StatusServer: @unchecked Sendable {
  private static let largestRequest = 8 << 10
  private static let patience = 2.0
  private let listener: Int32
  private let address: StatusAddress
  private let token: String?
  private let answer: @Sendable (_ path: String) -> StatusAnswer?
  private let hasEnded = DispatchSemaphore(value: 0)
  private let lock = NSLock()
  private var isStopping = false

  /// A server that listens; `answer` gives the page of a path. TCP clients must send `token`.
  package init(
    address: StatusAddress, token: String?, answer: @escaping @Sendable (_ path: String) -> StatusAnswer?
  ) throws(StatusError) {
    self.address = address
    self.token = token
    self.answer = answer
    listener = try address.listen()
    Self.neverBlock(listener)
  }

  /// The port, where the system chose it.
  package var port: UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    return code == 0 ? UInt16(bigEndian: address.sin_port) : 0
  }

  /// Starts to answer.
  package func start() {
    let thread = Thread { [self] in
      serve()
      hasEnded.signal()
    }
    thread.name = "status"
    thread.start()
  }

  /// Stops; call once, after `start`.
  package func stop() {
    lock.withLock { isStopping = true }
    hasEnded.wait()
    close(listener)
    if case .unix(let path) = address { unlink(path) }
  }

  private func serve() {
    while !lock.withLock({ isStopping }) {
      guard Self.wait(listener, for: POLLIN, seconds: 0.2) else { continue }
      let client = accept(listener, nil, nil)
      if client < 0 {
        // Without descriptors the waiting client would wake us at once again.
        if errno == EMFILE || errno == ENFILE { usleep(200_000) }
        continue
      }
      Self.neverBlock(client)
      converse(client)
      close(client)
    }
  }

  private func converse(_ client: Int32) {
    let deadline = DispatchTime.now() + Self.patience
    let reply =
      switch Self.readHead(client, until: deadline) {
      case .success(let head): reply(to: head)
      case .failure(let answer): answer
      }
    Self.send(reply.bytes, to: client, until: deadline)
  }

  private func reply(to head: String) -> StatusAnswer {
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
    let request = (lines.first ?? "").split(separator: " ")
    guard request.count == 3, request[2].hasPrefix("HTTP/1.") else { return .badRequest }
    if case .loopback = address, !isAuthorised(lines.dropFirst()) { return .unauthorised }
    guard request[0] == "GET" || request[0] == "HEAD" else { return .notAllowed }
    let path = request[1].split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
    var page = answer(path) ?? .notFound
    page.isHead = request[0] == "HEAD"
    return page
  }

  private func isAuthorised(_ headers: ArraySlice<Substring>) -> Bool {
    guard let token else { return false }
    let expected = Array("Bearer \(token)".utf8)
    let given = headers.lazy.filter { $0.lowercased().hasPrefix("authorization:") }.map {
      Array($0.dropFirst("authorization:".count).drop { $0 == " " }.utf8)
    }
    return given.contains { Self.areEqual($0, expected) }
  }

  /// Takes the same time wherever the two differ.
  private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private enum Reading {
    case success(String)
    case failure(StatusAnswer)
  }

  private static func readHead(_ client: Int32, until deadline: DispatchTime) -> Reading {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 2048)
    let end = Array("\r\n\r\n".utf8)
    while !head.suffix(buffer.count + 3).contains(end) {
      guard head.count <= largestRequest else { return .failure(.tooLarge) }
      guard wait(client, for: POLLIN, seconds: left(until: deadline)) else { return .failure(.tooSlow) }
      let count = recv(client, &buffer, buffer.count, 0)
      if count == 0 { return .failure(.badRequest) }
      if count < 0 && errno != EAGAIN && errno != EINTR { return .failure(.badRequest) }
      head += buffer[..<max(0, count)]
    }
    return .success(String(decoding: head, as: UTF8.self))
  }

  private static func send(_ bytes: [UInt8], to client: Int32, until deadline: DispatchTime) {
    var rest = bytes[...]
    while !rest.isEmpty, wait(client, for: POLLOUT, seconds: left(until: deadline)) {
      let count = rest.withUnsafeBytes { Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno != EAGAIN && errno != EINTR { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private static func left(until deadline: DispatchTime) -> Double {
    let now = DispatchTime.now()
    return now >= deadline ? 0 : Double(deadline.uptimeNanoseconds - now.uptimeNanoseconds) * 1e-9
  }

  private static func neverBlock(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  private static func wait(_ descriptor: Int32, for event: Int32, seconds: Double) -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    return poll(&poller, 1, Int32(seconds * 1000)) > 0
  }
}
