import CFFmpeg
import Foundation

/// The latest packets of a source that is read only once, in memory that has a bound. One thread reads the source, another
/// one asks for packets; numbers of packets count from 0 and go on over connections.
final class PacketHistory: @unchecked Sendable {
  private let lock = NSLock()
  private let byteLimit: Int
  private var packets: [KeptPacket] = []
  private var bytes = 0
  /// Those of the connection, or of the last one.
  private var streams: KeptStreams?
  private var shift: Int64?
  /// The number of the oldest packet.
  private var first = 0

  /// Half a microsecond and more: the same time in ticks and in seconds.
  private static let rounding: Int64 = 1

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  static func microseconds(_ seconds: Double) -> Int64 { Int64(min(max(seconds * 1e6, -4e18), 4e18).rounded()) }

  /// Keeps a packet that was read. True where there are too many now.
  func keep(
    _ packet: UnsafePointer<AVPacket>, of input: borrowing InputContext, video: UnsafePointer<AVStream>
  ) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if connected?.holds(video) != true {
      streams?.isOver = true
      streams = KeptStreams(input, video: video)
    }
    guard let streams, let place = streams.place(packet.pointee),
      let source = input.format.pointee.streams[Int(packet.pointee.stream_index)],
      let kept = KeptPacket(packet, timeBase: source.pointee.time_base, of: streams, place: place)
    else { return false }
    packets.append(kept)
    bytes += kept.byteCount
    return bytes > byteLimit
  }

  /// A frame with this stamp, in ticks of so many seconds, or without one, is delivered at `seconds`; it is decoded to so
  /// many columns and rows.
  func note(stamp: Int64?, tick: Double, seconds: Double, size: (Int32, Int32)) {
    lock.lock()
    defer { lock.unlock() }
    connected?.complete(size: size)
    guard let stamp else {
      let streams = connected
      let packet = packets.first { $0.streams === streams && $0.isVideo && $0.stamp == nil && $0.shift == nil }
      packet?.shift = Self.microseconds(seconds)
      return
    }
    let shift = Self.microseconds(seconds) - Self.microseconds(Double(stamp) * tick)
    self.shift = shift
    let streams = connected
    for packet in packets.reversed() {
      guard packet.streams === streams else { return }
      guard packet.isVideo && packet.stamp == stamp && packet.shift == nil else { continue }
      packet.shift = shift
      return
    }
  }

  /// The connection is lost: what comes next belongs to another one.
  func disconnect() {
    lock.lock()
    defer { lock.unlock() }
    streams?.isOver = true
    shift = nil
  }

  /// The streams while there is a connection; for those who hold the lock.
  private var connected: KeptStreams? { streams?.isOver == false ? streams : nil }

  /// Bytes that are kept.
  var byteCount: Int { lock.withLock { bytes } }

  /// The streams of the connection; nil before its first packet.
  var current: KeptStreams? { lock.withLock { connected } }

  /// The streams of the connection, or of the one before.
  var latest: KeptStreams? { lock.withLock { streams } }

  /// Whether any packet could be kept.
  var isUsed: Bool { lock.withLock { first > 0 || !packets.isEmpty } }

  /// Packets from a number on, with their shifts; the first number is later where that packet is gone.
  func packets(from number: Int) -> (first: Int, packets: [(packet: KeptPacket, shift: Int64)]) {
    lock.lock()
    defer { lock.unlock() }
    let start = max(number, first)
    // What no frame was seen of goes with what was delivered last, or with the packet before it.
    var (last, time) = (shift ?? 0, Int64(0))
    return (
      start,
      packets.dropFirst(start - first).map { packet in
        if packet.stamp != nil { last = packet.shift ?? last }
        let shift = packet.stamp != nil ? last : packet.shift ?? time
        time = packet.shown + shift
        return (packet, shift)
      }
    )
  }

  /// The packet that a clip begins with which shows what is to be seen at `seconds`: a key frame of the same connection,
  /// the last one at or before `target` if there is one, and not before the packet with number `earliest`.
  func start(of seconds: Double, target: Double, earliest: Int) -> Int? {
    let (moment, target) = (Self.microseconds(seconds), Self.microseconds(target))
    let kept = packets(from: earliest)
    func time(_ item: (packet: KeptPacket, shift: Int64)) -> Int64 { item.packet.shown + item.shift - Self.rounding }
    let streams = (kept.packets.last { $0.packet.isVideo && time($0) <= moment } ?? kept.packets.first)?.packet.streams
    var found: Int?
    for (index, item) in kept.packets.enumerated() where item.packet.isKey && item.packet.streams === streams {
      if found == nil || time(item) <= target { found = kept.first + index }
    }
    return found
  }

  /// Lets go of what comes before the last key frame at or before `seconds`, but not of the packet with number `needed`
  /// and those after it.
  func trim(before seconds: Double, needed: Int) {
    let limit = Self.microseconds(seconds) + Self.rounding
    let kept = packets(from: 0)
    let index = kept.packets.lastIndex { $0.packet.isKey && $0.packet.shown + $0.shift <= limit }
    lock.withLock { remove(upTo: min(kept.first + (index ?? 0), needed)) }
  }

  /// Lets go of the oldest until there are not too many.
  func trimToLimit() {
    lock.lock()
    defer { lock.unlock() }
    var (count, left) = (0, bytes)
    while left > byteLimit && count < packets.count {
      left -= packets[count].byteCount
      count += 1
    }
    remove(upTo: first + count)
  }

  private func remove(upTo number: Int) {
    guard number > first else { return }
    bytes -= packets.prefix(number - first).reduce(0) { $0 + $1.byteCount }
    packets.removeFirst(number - first)
    first = number
  }
}
