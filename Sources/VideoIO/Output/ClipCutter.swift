import CFFmpeg
import Glibc

/// Copies parts of a video file into files of their own without decoding them: video from a key frame on, and sound. Not
/// for use from two threads at once.
public final class ClipCutter {
  /// The ending of the clips' names: `mp4` where the source is MP4 or QuickTime and `avi` where it is AVI, as far as the
  /// codec fits, else `mkv`.
  public let pathExtension: String
  private let format: String
  private let name: String
  private let input: InputContext
  private let video: Int32
  /// The source's streams that are copied, in the clips' order.
  private let streams: [Int32]
  private let packet = PacketHandle()
  private let places: KeyPlaces
  /// Seconds by which the packet at hand is delivered later than the file says.
  private var shift = 0.0
  /// Seconds by which a seek that led to a later key frame is moved ahead at first.
  private static let firstMargin = 1.0
  /// Half a microsecond: the same time in ticks and in seconds.
  private static let rounding = 5e-7

  /// Opens a source for cutting, of which `places` tells what was read so far. Throws `unsuitable` where it is no file that
  /// can be read twice, or where its codec fits no container, and as `VideoReader` does.
  public init(_ address: SourceAddress, places: KeyPlaces) throws(VideoError) {
    let reason = "clips are copied from a file, and this can be read only once; save it first"
    if address.isPictures { throw .unsuitable(address.description, reason: "clips are copied from a video") }
    guard address.kind == .file else { throw .unsuitable(address.description, reason: reason) }
    // What a stop leaves to be done shall be done.
    let options = VideoReaderOptions(threads: 1)
    let readGuard = ReadGuard(options.interrupt, monitor: options.monitor)
    let input = try InputContext(
      try InputSource.open(address, options: options, readGuard: readGuard), options: options, readGuard: readGuard)
    guard input.bytes?.isSeekable == true else { throw .unsuitable(address.description, reason: reason) }
    let index = av_find_best_stream(input.format, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    guard index >= 0 else { throw .cannotOpen(input.name, reason: "it has no video stream") }
    let stream = input.format.pointee.streams[Int(index)]!
    guard stream.pointee.start_time != NEM_AV_NOPTS_VALUE else {
      throw .unsuitable(input.name, reason: "it has no time stamps by which clips could be cut")
    }
    let codec = stream.pointee.codecpar.pointee.codec_id
    let names = input.containerName.split(separator: ",")
    guard let (format, pathExtension) = Self.containers.first(where: { Self.fits(codec, $0.format, names) }) else {
      let codecName = String(cString: avcodec_get_name(codec))
      throw .unsuitable(input.name, reason: "its \(codecName) stream cannot be copied into clips")
    }
    (self.format, self.pathExtension) = (format, pathExtension)
    self.places = places
    video = index
    streams = [index] + CopiedFile.sounds(of: input, in: format)
    name = input.name
    self.input = input
  }

  /// What clips are stored in: MP4 and AVI what comes from there, Matroska all else.
  private static let containers = [("mp4", "mp4"), ("avi", "avi"), ("matroska", "mkv")].map {
    (format: $0.0, pathExtension: $0.1)
  }

  /// Whether video of a codec, out of a container with these names, may become a clip of this format.
  private static func fits(_ codec: AVCodecID, _ format: String, _ names: [Substring]) -> Bool {
    let isFitting = format == "matroska" ? codec != AV_CODEC_ID_RAWVIDEO : names.contains { $0 == format }
    return isFitting && CopiedFile.fits(codec, format)
  }

  /// Writes the part from the last key frame at or before `start` to `end`, in seconds of the frames as they are
  /// delivered. The clip appears whole or not at all, and its time begins at 0. False where the source has no video there
  /// that could be read. Throws `cannotCreate`, `writeFailed`, or `unsuitable` where no clip can be made.
  public func cut(from start: Double, to end: Double, into path: String) throws(VideoError) -> Bool {
    if places.areLost {
      throw .unsuitable(name, reason: "its clock has jumped, so that its times lead nowhere; pipe the file in instead")
    }
    guard seek(to: start) else { return false }
    defer { av_packet_unref(packet.pointer) }
    let temporary = AtomicFile.temporary(path)
    let clip = try CopiedFile(
      temporary, format: format, streams: streams.map { input.format.pointee.streams[Int($0)]! },
      origin: shown)
    do throws(VideoError) {
      try copy(to: end, clip)
      try clip.close()
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
    return true
  }

  private func copy(to end: Double, _ clip: CopiedFile) throws(VideoError) {
    // What is shown after the end, but may be needed by what is decoded next and shown before it. Then the clip ends with
    // it, so that no frame is missing in between.
    var (later, end): ([HeldPacket], Double) = ([], max(end, shown) + Self.rounding)
    repeat {
      let index = packet.pointer.pointee.stream_index
      if index == video {
        let decoding = packet.pointer.pointee.dts
        if (decoding == NEM_AV_NOPTS_VALUE ? shown : Double(decoding) * timeBase) > end { return }
        if shown > end {
          later.append(HeldPacket(packet.pointer, shown: shown))
          continue
        }
        for held in later {
          end = max(end, held.shown + Self.rounding)
          try clip.write(held.packet.pointer, to: 0)
        }
        later = []
      }
      if let place = streams.firstIndex(of: index) { try clip.write(packet.pointer, to: place) }
    } while read()
  }

  /// Leaves the key frame at or before a time in `packet`, or the first one there is.
  private func seek(to seconds: Double) -> Bool {
    if places.areKept { return seekByPlaces(to: seconds) }
    let stream = input.format.pointee.streams[Int(video)]!
    let first = stream.pointee.start_time == NEM_AV_NOPTS_VALUE ? 0 : Double(stream.pointee.start_time) * timeBase
    var margin = 0.0
    while true {
      let target = max(seconds - margin, first)
      guard seek(to: target, isFirst: target <= first) else { return false }
      let isThere = readKeyFrame()
      if isThere && shown <= seconds + Self.rounding { return true }
      if target <= first { return isThere }
      margin = max(Self.firstMargin, 2 * margin)
    }
  }

  private func seek(to target: Double, isFirst: Bool) -> Bool {
    // Streams without an index are searched, and the search does not find what comes first.
    if isFirst && input.format.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 { return seek(toByte: 0) }
    let ticks = Int64(max(min(target / timeBase, 9e18), -9e18))
    return av_seek_frame(input.format, video, ticks, AVSEEK_FLAG_BACKWARD) >= 0
  }

  private func seek(toByte position: Int64) -> Bool {
    av_seek_frame(input.format, -1, position, AVSEEK_FLAG_BYTE) >= 0
  }

  private func seekByPlaces(to seconds: Double) -> Bool {
    for position in places.positions(before: seconds + Self.rounding) {
      var last: Int64?
      guard seek(toByte: position) else { return false }
      while readKeyFrame(before: seconds), shown <= seconds + Self.rounding {
        last = packet.pointer.pointee.pos >= 0 ? packet.pointer.pointee.pos : last
      }
      if let last { return seek(toByte: last) && readKeyFrame() }
    }
    return seek(toByte: 0) && readKeyFrame()
  }

  /// Reads up to the next key frame; false where the file ends before it, or what is decoded after `limit` comes.
  private func readKeyFrame(before limit: Double = .infinity) -> Bool {
    while read() {
      let next = packet.pointer.pointee
      guard next.stream_index == video else { continue }
      if next.flags & AV_PKT_FLAG_KEY != 0 { return true }
      if next.dts != NEM_AV_NOPTS_VALUE && Double(next.dts) * timeBase > limit { return false }
    }
    return false
  }

  /// Leaves the next packet in `packet`, with its stamps on the time of the frames as they are delivered.
  private func read() -> Bool {
    av_packet_unref(packet.pointer)
    guard av_read_frame(input.format, packet.pointer) >= 0 else { return false }
    let next = packet.pointer.pointee
    if next.pos >= 0 { shift = places.shift(at: next.pos) }
    let base = input.format.pointee.streams[Int(next.stream_index)]!.pointee.time_base
    let ticks = Int64((shift * Double(base.den) / Double(base.num)).rounded())
    if next.pts != NEM_AV_NOPTS_VALUE { packet.pointer.pointee.pts += ticks }
    if next.dts != NEM_AV_NOPTS_VALUE { packet.pointer.pointee.dts += ticks }
    return true
  }

  private var timeBase: Double {
    let base = input.format.pointee.streams[Int(video)]!.pointee.time_base
    return Double(base.num) / Double(base.den)
  }

  /// When the packet at hand is shown, in seconds.
  private var shown: Double {
    let packet = packet.pointer.pointee
    let stamp = packet.pts == NEM_AV_NOPTS_VALUE ? packet.dts : packet.pts
    return stamp == NEM_AV_NOPTS_VALUE ? 0 : Double(stamp) * timeBase
  }
}

/// A packet that waits.
private final class HeldPacket {
  let packet = PacketHandle()
  /// Seconds.
  let shown: Double

  /// Takes over what `source` holds, and leaves it empty.
  init(_ source: UnsafeMutablePointer<AVPacket>, shown: Double) {
    self.shown = shown
    av_packet_move_ref(packet.pointer, source)
  }
}
