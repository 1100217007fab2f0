import Daemon
import Foundation
import Kernels
import Masks
import VideoIO

/// A folder for one test, removed when the test ends.
final class TestFolder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("nem-daemon-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Gathers the lines of a log.
final class LogLines: @unchecked Sendable {
  private let lock = NSLock()
  private var gathered: [String] = []

  var lines: [String] { lock.withLock { gathered } }

  func log(isJournal: Bool = false, now: @escaping @Sendable () -> Date = { Date() }) -> EventLog {
    EventLog(isJournal: isJournal, now: now) { [self] line in lock.withLock { gathered.append(line) } }
  }
}

/// A socket that receives what a service tells its manager.
final class NotifyListener: @unchecked Sendable {
  private let descriptor: Int32
  private let lock = NSLock()
  private var received: [String] = []
  private var isOver = false

  /// Listens at `name`: a path, or @ and an abstract name.
  init(_ name: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(name.utf8)) }
    if name.hasPrefix("@") { address.sun_path.0 = 0 }
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.utf8.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard bound == 0 else { throw POSIXError(.EADDRINUSE) }
    Thread.detachNewThread { [self] in listen() }
  }

  deinit { close(descriptor) }

  /// The messages so far.
  var messages: [String] { lock.withLock { received } }

  /// Waits until a message contains `words`; false after `seconds`.
  func wait(for words: String, seconds: Double = 20) -> Bool {
    let end = Date() + seconds
    while Date() < end {
      if lock.withLock({ received.contains { $0.contains(words) } }) { return true }
      usleep(20_000)
    }
    return false
  }

  /// Forgets what came so far.
  func clear() { lock.withLock { received = [] } }

  /// Ends the listening thread, which holds this object.
  func stop() { lock.withLock { isOver = true } }

  private func listen() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while !lock.withLock({ isOver }) {
      guard poll(&poller, 1, 100) > 0 else { continue }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { lock.withLock { received.append(String(decoding: buffer[..<count], as: UTF8.self)) } }
    }
  }
}

/// Frames to write.
enum TestFrames {
  static let (width, height) = (32, 24)

  /// Frame `index` of 25 per second, with one object that has the number `id`.
  static func frame(_ index: Int, id: Int = 1, ended: [EndedObject] = []) -> SegmentedFrame {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for y in 4..<12 { for x in 4..<12 { labels[x, y] = Int32(id) } }
    let record = ObjectRecord(
      id: id, bounds: PixelRect(x: 4, y: 4, width: 8, height: 8), area: 64, centroidX: 7.5, centroidY: 7.5,
      confidence: 1)
    return SegmentedFrame(
      index: index, timestamp: Int64(index), pts: Double(index) / 25, labels: labels,
      foreground: Image(width: width, height: height, fill: 0), objects: [record], ended: ended)
  }

  static func open(
    _ path: String, _ segment: Manifest.Segment?, format: MaskDirectory.Format = .ffv1
  ) throws(VideoError) -> MaskDirectory {
    try MaskDirectory(
      path: path, manifest: Manifest(input: "test", width: width, height: height, segment: segment),
      timeBase: Rational(numerator: 1, denominator: 25), frameRate: nil, formats: [format])
  }
}

/// Settings as variables of the environment would make them.
func settings(_ variables: [String: String]) throws -> LiveSettings {
  LiveSettings(try EffectiveSettings(files: [], environment: variables, flags: []))
}
