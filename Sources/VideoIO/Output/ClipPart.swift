import CFFmpeg
import Glibc

/// A file of packets of one connection, from a key frame on.
final class ClipPart {
  /// The number of the packet that comes next.
  private(set) var next: Int
  let streams: KeptStreams
  /// What the file is called once it is whole.
  let path: String
  private let file: CopiedFile
  private let packet = PacketHandle()
  /// The last decoding stamp of each stream in microseconds.
  private var last: [Int64?]
  /// A tick of the container: frames that come in one heap stay apart.
  private static let tick: Int64 = 1000

  /// Creates the file for what begins with packet `number`; times in it begin at 0. Throws `cannotCreate` or
  /// `writeFailed`.
  init(_ path: String, at number: Int, _ first: KeptPacket, shift: Int64) throws(VideoError) {
    (self.path, next, streams) = (path, number, first.streams)
    last = first.streams.streams.map { _ in nil }
    file = try CopiedFile(
      AtomicFile.temporary(path), format: KeptStreams.format, streams: first.streams.streams,
      origin: Double(first.shown + shift) * 1e-6)
  }

  /// Copies the next packet.
  func write(_ kept: KeptPacket, shift: Int64, number: Int) throws(VideoError) {
    next = number + 1
    guard kept.copy(to: packet.pointer) else { return }
    defer { av_packet_unref(packet.pointer) }
    var (shown, decoded) = (kept.shown + shift, kept.decoded + shift)
    if let last = last[kept.place] { decoded = max(decoded, last + Self.tick) }
    shown = max(shown, decoded)
    last[kept.place] = decoded
    (packet.pointer.pointee.pts, packet.pointer.pointee.dts) = (shown, decoded)
    try file.write(packet.pointer, to: kept.place)
  }

  /// Ends the file and gives it its name.
  func close() throws(VideoError) {
    try file.close()
    guard rename(AtomicFile.temporary(path), path) == 0 else {
      throw .cannotCreate(path, reason: AtomicFile.systemReason)
    }
  }

  /// Takes the file back.
  func discard() { unlink(AtomicFile.temporary(path)) }
}
