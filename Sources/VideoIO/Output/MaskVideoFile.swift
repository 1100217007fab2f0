import CFFmpeg
import Glibc
import Kernels

/// A Matroska file of FFV1 frames, each of which stands for itself; times count in milliseconds. A later run can go on with
/// it, to the bytes that one run would have written.
final class MaskVideoFile {
  private let file: MuxedFile
  private var path: String
  private var seekPoints = SeekPoints()
  private var lastTime = Int64.min
  /// Frames so far, and those that a kill would lose, because the muxer gathers them.
  private var count = 0
  private var tail = GatheredFrames()
  /// The name that the file gets when it is settled.
  private var name: String?

  /// Creates the file, replacing one of that name. Throws `cannotCreate`, or `writeFailed` on a full disk.
  ///
  /// - Parameter isContinued: leaves the file there alone until `carry` has read it and `settle` puts this one in its
  ///   place.
  init(
    path: String, timeBase: Rational, frameRate: Rational?, title: String, isContinued: Bool,
    configure: (UnsafeMutablePointer<AVCodecParameters>) -> Void
  ) throws(VideoError) {
    name = isContinued ? path : nil
    self.path = isContinued ? AtomicFile.temporary(path) : path
    file = try MuxedFile(
      path: self.path, format: "matroska", timeBase: AVRational(timeBase), frameRate: frameRate.map(AVRational.init),
      title: title, options: [("cluster_time_limit", "400")], configure: configure)
  }

  deinit {
    try? close()
    if name != nil { unlink(path) }
  }

  /// When a frame is shown: times must rise, and two that fall into one millisecond are written one apart.
  func time(of timestamp: Int64) -> Int64 { max(file.rescale(timestamp), count == 0 ? .min : lastTime + 1) }

  /// Appends a frame.
  func append(_ frame: UnsafeMutableBufferPointer<UInt8>, time: Int64) throws(VideoError) {
    lastTime = time
    let whole = file.wholeBytes
    try file.write(frame, pts: time, dts: time, duration: 0, isKey: seekPoints.isDue(at: time))
    count += 1
    // What was gathered goes out before a new cluster begins with this frame.
    if file.wholeBytes > whole { tail.clear() }
    tail.append(UnsafeBufferPointer(frame), time: time)
    // Players refuse a stream without any frame, which a kill would leave behind.
    guard count == 1 else { return }
    try file.flush()
    tail.clear()
  }

  /// Appends a frame of libavcodec's.
  func append(_ bytes: consuming [UInt8], time: Int64) throws(VideoError) {
    let result = bytes.withUnsafeMutableBufferPointer { frame in
      Result { () throws(VideoError) in try append(frame, time: time) }
    }
    try result.get()
  }

  /// Carries what is needed to go on after the frames so far. When that is read, those frames are taken over.
  func carry(_ archive: inout StateArchive) throws {
    var (total, rest) = (count, tail)
    try archive.carry(&total, in: 0...(1 << 48))
    try rest.carry(&archive)
    try archive.check(rest.times.count <= total, "it holds a wrong size")
    guard archive.isReading, let name else { return }
    let stored = total - rest.times.count
    if stored > 0 { try PacketFile.forEach(of: name, first: stored, copy) }
    try rest.forEach(copy)
  }

  private func copy(_ frame: UnsafeMutableBufferPointer<UInt8>, _ time: Int64) throws {
    guard count == 0 || time > lastTime else { throw VideoError.damaged(name ?? path, reason: "its times do not rise") }
    try append(frame, time: time)
  }

  /// Puts the file in the place of the earlier one.
  func settle() throws(VideoError) {
    guard let name else { return }
    try file.move(to: name)
    (path, self.name) = (name, nil)
  }

  /// Writes the index and closes the file; does nothing the second time.
  func close() throws(VideoError) { try file.close() }
}

/// Frames that a muxer has taken and not yet written, in one block of memory.
private struct GatheredFrames: Checkpointed {
  private(set) var times: [Int64] = []
  private var sizes: [Int] = []
  private var bytes: [UInt8] = []

  mutating func append(_ frame: UnsafeBufferPointer<UInt8>, time: Int64) {
    times.append(time)
    sizes.append(frame.count)
    bytes.append(contentsOf: frame)
  }

  mutating func clear() {
    times.removeAll(keepingCapacity: true)
    sizes.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(list: &times)
    try archive.carry(list: &sizes)
    try archive.carry(list: &bytes)
    var rest = bytes.count
    for size in sizes {
      try archive.check(0...rest ~= size, "it holds a wrong size")
      rest -= size
    }
    try archive.check(rest == 0 && sizes.count == times.count, "it holds a wrong size")
  }

  func forEach(_ body: (UnsafeMutableBufferPointer<UInt8>, Int64) throws -> Void) throws {
    var first = 0
    for (time, size) in zip(times, sizes) {
      var frame = Array(bytes[first..<first + size])
      first += size
      try frame.withUnsafeMutableBufferPointer { try body($0, time) }
    }
  }
}

/// The packets of a Matroska file that a run left behind.
private enum PacketFile {
  /// Hands on the first `count` packets, with their times. Throws `damaged` where there are fewer.
  static func forEach(
    of path: String, first count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>, Int64) throws -> Void
  ) throws {
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_open_input(&context, "file:" + path, av_find_input_format("matroska"), nil) >= 0 else {
      throw VideoError.damaged(path, reason: "the masks before the saved state cannot be read")
    }
    defer { avformat_close_input(&context) }
    let packet = PacketHandle()
    for number in 0..<count {
      guard av_read_frame(context, packet.pointer) >= 0 else {
        throw VideoError.damaged(path, reason: "it holds \(number) of the \(count) masks before the saved state")
      }
      defer { av_packet_unref(packet.pointer) }
      let data = packet.pointer.pointee
      try body(UnsafeMutableBufferPointer(start: data.data, count: Int(data.size)), data.pts)
    }
  }
}
