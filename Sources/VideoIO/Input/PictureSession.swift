import CFFmpeg

/// Reads pictures one after the other as the frames of a video.
final class PictureSession: FrameSession {
  let name: String
  let orientation: Orientation
  let appearance: VideoAppearance
  let width: Int32, height: Int32, pixelFormat: AVPixelFormat
  let codecName: String
  let clock: StreamClock
  let frameRate: Rational?
  private(set) var corruptFrames = 0
  /// Where the first picture lies that could not be decoded.
  private var firstCorrupt: String?
  private let pictures: [ListedPicture]
  private var stack: (path: String, file: TIFFStack)?
  private let readGuard: ReadGuard
  private var position = 1
  private var pending: FrameHandle?
  private var isInterrupted = false

  /// Lists the pictures and decodes the first one. Throws `notFound`, or `cannotRead` and `cannotOpen` as for one
  /// picture.
  init(_ address: SourceAddress, options: VideoReaderOptions, readGuard: ReadGuard) throws(VideoError) {
    name = address.description
    pictures = try PictureList.pictures(address)
    var codec = ""
    let first = try Self.decode(pictures[0], codec: &codec, &stack)
    codecName = codec
    (width, height) = (first.pointer.pointee.width, first.pointer.pointee.height)
    pixelFormat = first.format
    orientation = Orientation(frame: first.pointer)
    appearance = VideoAppearance(
      first.pointer.pointee, pixelAspect: first.pointer.pointee.sample_aspect_ratio,
      isTransposed: orientation.isTransposed)
    let rate = Self.rational(options.source.captureRate ?? 25)
    frameRate = rate
    clock = StreamClock(timeBase: Rational(numerator: rate.denominator, denominator: rate.numerator), interval: 1)
    self.readGuard = readGuard
    pending = Self.stamped(first, pictures[0])
  }

  var containerName: String { "pictures" }
  var notes: [String] { [] }
  var firstStamp: Int64? { 0 }
  var expectedFrames: Int? { pictures.count }
  var duration: Double? { Double(pictures[pictures.count - 1].tick + 1) * clock.timeBase.value }
  var isLive: Bool { false }
  var corruptPackets: Int { 0 }

  func next() -> FrameHandle? {
    if readGuard.interrupt.isSet {
      isInterrupted = true
      return nil
    }
    if let frame = pending.take() { return frame }
    while position < pictures.count {
      let picture = pictures[position]
      position += 1
      do throws(VideoError) {
        var codec = ""
        return Self.stamped(try Self.decode(picture, codec: &codec, &stack), picture)
      } catch {
        corruptFrames += 1
        firstCorrupt = firstCorrupt ?? picture.name
      }
    }
    return nil
  }

  func leap(to seconds: Double) {
    let tick = Int64(seconds / clock.timeBase.value)
    guard let first = pictures.lastIndex(where: { $0.tick <= tick }), first > 0 else { return }
    pending = nil
    position = first
  }

  func forgetDamage() { (corruptFrames, firstCorrupt) = (0, nil) }

  func outcome(unconvertible: Int, isPart: Bool) -> ReadOutcome {
    if isInterrupted { return .interrupted }
    guard corruptFrames + unconvertible > 0 else { return .complete }
    return .truncated(reason: "it has damaged pictures" + (firstCorrupt.map { ", the first is \($0)" } ?? ""))
  }

  func lossReason(idle: Double, canReturn: Bool) -> String? { nil }

  /// The picture as the decoder made it. A TIFF file stays open in `stack` for the next one.
  private static func decode(
    _ picture: ListedPicture, codec: inout String, _ stack: inout (path: String, file: TIFFStack)?
  ) throws(VideoError) -> FrameHandle {
    guard let page = picture.page else { return try ImageFile.decode(picture.path, codec: &codec) }
    if stack?.path != picture.path { stack = TIFFStack(picture.path).map { (picture.path, $0) } }
    guard let file = stack?.file, page < file.count else {
      throw .damaged(picture.name, reason: "the file ends before it")
    }
    codec = "tiff"
    return try file.decode(page)
  }

  private static func stamped(_ frame: consuming FrameHandle, _ picture: ListedPicture) -> FrameHandle {
    frame.pointer.pointee.best_effort_timestamp = picture.tick
    if picture.page == nil { frame.pictureName = picture.path.split(separator: "/").last.map(String.init) }
    frame.pointer.pointee.pkt_duration = 1
    return frame
  }

  /// A rate to a thousandth of a frame; those of NTSC video are exact.
  private static func rational(_ rate: Double) -> Rational {
    let whole = rate.rounded(.up)
    if whole > rate, abs(whole * 1000 / 1001 - rate) < 0.001 {
      return Rational(numerator: Int(whole) * 1000, denominator: 1001)
    }
    return Rational(numerator: Int((rate * 1000).rounded()), denominator: 1000)
  }
}
