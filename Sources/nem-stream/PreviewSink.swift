import Charts
import Foundation
import Kernels
import Masks
import Pipeline
import Synchronization
import VideoIO

/// The last frame with its masks in the terminal, some times a second. A terminal that is slow misses pictures; the run
/// never waits for it. No mode of the terminal is changed, so that nothing needs to be put back.
final class PreviewSink: FrameSink {
  private static let interval = 0.1
  /// Lines that stay free: one for the progress, one above.
  private static let margin = 2
  private let terminal = PreviewTerminal()
  private let depth: TerminalPicture.Depth
  private var last = -Double.infinity

  /// A preview on standard error; nil where that is no terminal with colours.
  init?() {
    guard isatty(STDERR_FILENO) == 1,
      let depth = TerminalPicture.Depth(environment: ProcessInfo.processInfo.environment)
    else { return nil }
    self.depth = depth
  }

  /// Shows the frame, unless the last picture was shown just now or is still on its way.
  func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws {
    let now = Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
    guard now - last >= Self.interval, terminal.isFree, let size = Self.size(frame) else { return }
    last = now
    let picture = PreviewPicture(frame, segmented.labels).sampled(width: size.width, height: size.height)
    terminal.show(TerminalPicture.lines(picture, depth))
  }

  /// Leaves the last picture where it is.
  func close(_ status: Manifest.Status, _ result: RunResult) throws { terminal.finish() }

  /// The picture's size in the terminal's half blocks, which are about square; nil where there is no room.
  private static func size(_ frame: VideoFrame) -> (width: Int, height: Int)? {
    guard let size = Console.terminalSize else { return nil }
    let (columns, rows) = (size.columns, 2 * (size.rows - margin))
    guard columns > 1, rows > 1 else { return nil }
    let scale = min(Double(columns) / Double(frame.width), Double(rows) / Double(frame.height), 1)
    return (max(1, Int(Double(frame.width) * scale)), max(1, Int(Double(frame.height) * scale)))
  }
}

/// Writes pictures one over the other, on a thread of its own.
private final class PreviewTerminal: Sendable {
  private let queue = DispatchQueue(label: "preview")
  private let isBusy = Atomic<Bool>(false)
  /// Lines of the last picture, and how many lines of the log there were then.
  private let shown = Mutex((lines: 0, logged: 0))

  /// Whether the last picture has been written.
  var isFree: Bool { !isBusy.load(ordering: .acquiring) }

  func show(_ lines: [String]) {
    isBusy.store(true, ordering: .releasing)
    queue.async { [self] in
      let logged = Console.lineCount
      // Where something was said since, the picture begins anew below it.
      let above = shown.withLock { $0.logged == logged ? $0.lines : 0 }
      Console.write("\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + lines.map { $0 + "\n" }.joined())
      shown.withLock { $0 = (lines.count, logged) }
      isBusy.store(false, ordering: .releasing)
    }
  }

  /// Waits for the last picture, but not for a terminal that is held.
  func finish() {
    let end = DispatchSemaphore(value: 0)
    queue.async { end.signal() }
    _ = end.wait(timeout: .now() + 0.5)
  }
}

/// A frame with its objects' colours, looked at in few places.
private struct PreviewPicture {
  private let frame: VideoFrame
  private let labels: Image<Int32>

  init(_ frame: VideoFrame, _ labels: Image<Int32>) { (self.frame, self.labels) = (frame, labels) }

  func sampled(width: Int, height: Int) -> Image<RGB> {
    let planes = (0..<3).map { values($0, width, height) }
    var picture = Image(width: width, height: height, fill: RGB(red: 0, green: 0, blue: 0))
    let (black, gain): (Float, Float) = frame.isFullRange ? (0, 1) : (16, 255 / 219)
    for place in picture.pixels.indices {
      let (cb, cr) = (planes[1][place] - 128, planes[2][place] - 128)
      let luma = (planes[0][place] - black) * gain
      let id = labels[column(place % width, width), row(place / width, height)]
      let own = id > 0 ? OverlayColour.of(Int(id)) : nil
      func byte(_ value: Float, _ part: KeyPath<RGB, UInt8>) -> UInt8 {
        let below = min(max(value, 0), 255)
        return UInt8(own.map { (below + Float($0[keyPath: part])) / 2 } ?? below)
      }
      // ITU-R BT.601.
      picture.pixels[place] = RGB(
        red: byte(luma + 1.402 * cr, \.red), green: byte(luma - 0.344 * cb - 0.714 * cr, \.green),
        blue: byte(luma + 1.772 * cb, \.blue))
    }
    return picture
  }

  private func column(_ x: Int, _ width: Int) -> Int { (2 * x + 1) * frame.width / (2 * width) }

  private func row(_ y: Int, _ height: Int) -> Int { (2 * y + 1) * frame.height / (2 * height) }

  private func values(_ plane: Int, _ width: Int, _ height: Int) -> [Float] {
    guard plane < frame.planeCount else { return Array(repeating: 128, count: width * height) }
    let (shiftX, shiftY) = plane == 0 ? (0, 0) : (frame.chromaShiftX, frame.chromaShiftY)
    return frame.withPlane(plane) { pixels, stride in
      (0..<width * height).map {
        Float(pixels[(row($0 / width, height) >> shiftY) * stride + column($0 % width, width) >> shiftX])
      }
    }
  }
}
