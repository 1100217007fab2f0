import Foundation

/// Tells systemd how the service does: datagrams on the socket that $NOTIFY_SOCKET names (sd_notify(3)). Without that
/// variable nothing is sent.
public final class ServiceNotifier: Sendable {
  /// Seconds after which systemd restarts a service that has not fed its watchdog; nil if it does not watch.
  public let watchdogSeconds: Double?
  private let socket: Int32
  private let address: [UInt8]

  /// A notifier for this process, from the variables that systemd sets.
  public init(environment: [String: String]) {
    let name = Array((environment["NOTIFY_SOCKET"] ?? "").utf8)
    // An address is a path, or @ and a name outside the file system.
    let isAddress = name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@")
    let fits = name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    address = name
    socket =
      isAddress && fits ? Foundation.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) : -1
    let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 1e6 } ?? 0
    watchdogSeconds = isForUs && limit > 0 ? limit : nil
  }

  deinit { if socket >= 0 { close(socket) } }

  /// Whether anybody listens.
  public var isActive: Bool { socket >= 0 }

  /// The service works; `status` is a line for people.
  public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

  /// A line for people.
  public func status(_ text: String) { send("STATUS=\(text)") }

  /// The service reads its configuration again; `ready` says that it has.
  public func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)") }

  /// The service ends.
  public func stopping() { send("STOPPING=1") }

  /// The service does its work.
  public func feedWatchdog() { send("WATCHDOG=1") }

  /// The start takes so many more seconds from now.
  public func extendStart(seconds: Int) { send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

  private func send(_ text: String) {
    guard isActive else { return }
    var target = sockaddr_un()
    target.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
    if address[0] == UInt8(ascii: "@") { target.sun_path.0 = 0 }
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + address.count)
    let bytes = Array(text.utf8)
    // Nobody is waited for: what matters is said again.
    withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
      }
    }
  }
}
