import Foundation

/// Where the status is served: a socket in the file system, or a port of this machine alone.
package enum StatusAddress: Sendable, Equatable {
  /// The path of a unix socket.
  case unix(String)
  /// A TCP port on 127.0.0.1 or ::1.
  case loopback(isIPv6: Bool, port: UInt16)

  /// Reads `unix:PATH`, `127.0.0.1:PORT` or `[::1]:PORT`; nil for anything else.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard (1..<MemoryLayout.size(ofValue: sockaddr_un().sun_path)).contains(path.utf8.count) else { return nil }
      self = .unix(path)
      return
    }
    for (host, isIPv6) in [("127.0.0.1:", false), ("[::1]:", true)] where text.hasPrefix(host) {
      guard let port = UInt16(text.dropFirst(host.count)) else { return nil }
      self = .loopback(isIPv6: isIPv6, port: port)
      return
    }
    return nil
  }

  /// A socket that listens there. A socket file that nobody listens on any more is replaced. Throws with the reason.
  func listen() throws(StatusError) -> Int32 {
    if case .unix(let path) = self { try Self.removeStale(path) }
    let descriptor = withAddress { family, address, length in
      let made = socket(Int32(family), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard made >= 0 else { return Int32(-1) }
      var yes: Int32 = 1
      setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      if bind(made, address, length) == 0, Foundation.listen(made, 8) == 0 { return made }
      let code = errno
      close(made)
      errno = code
      return -1
    }
    guard descriptor >= 0 else { throw StatusError(reason: String(cString: strerror(errno))) }
    return descriptor
  }

  private static func removeStale(_ path: String) throws(StatusError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw StatusError(reason: "a file is in the way") }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    let answer = StatusAddress.unix(path).withAddress { _, address, length in connect(probe, address, length) }
    guard answer != 0 else { throw StatusError(reason: "another program listens there") }
    unlink(path)
  }

  private func withAddress<Result>(
    _ body: (sa_family_t, UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    switch self {
    case .unix(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      return Self.pass(&address, sa_family_t(AF_UNIX), body)
    case .loopback(true, let port):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      return Self.pass(&address, sa_family_t(AF_INET6), body)
    case .loopback(false, let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      return Self.pass(&address, sa_family_t(AF_INET), body)
    }
  }

  private static func pass<Address, Result>(
    _ address: inout Address, _ family: sa_family_t,
    _ body: (sa_family_t, UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(family, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
}

/// The status cannot be served.
package struct StatusError: Error {
  /// Why not.
  package let reason: String
}
